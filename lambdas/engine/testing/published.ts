/** What was published in one process, as a test reads it. */
import { AssertionError } from 'node:assert'
import type { PublishedRecord } from '../adapters/memory/publisher.ts'
import { fieldsOf, objectOf } from '../delivery/envelope.ts'
import { deadLetterTopicOf, topicOfDeadLetters } from '../delivery/topics.ts'

export interface PublishedMessage {
  readonly topic: string
  /** Undefined: it is no message of ours. */
  readonly type: string | undefined
  readonly id: string | undefined
  /** The record's key: the saga's id. */
  readonly key: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

export interface DeadLetterSeen {
  /** The topic that the record came from. */
  readonly topic: string
  readonly consumer: string
  readonly reason: string
  readonly error: string
  readonly type: string | undefined
}

export const isDeadLetter = ({ topic }: PublishedRecord) => topic === deadLetterTopicOf(topicOfDeadLetters(topic))

export const messagesIn = (records: readonly PublishedRecord[]): PublishedMessage[] =>
  records
    .filter(record => !isDeadLetter(record))
    .map(record => {
      const fields = fieldsIn(record)
      return {
        topic: record.topic,
        type: text(fields['commandType'] ?? fields['eventType']),
        id: text(fields['commandID'] ?? fields['eventID']),
        key: record.key === null ? undefined : Buffer.from(record.key).toString(),
        data: objectOf(fields['data']) ?? {},
      }
    })

export const deadLettersIn = (records: readonly PublishedRecord[]): DeadLetterSeen[] =>
  records.filter(isDeadLetter).map(record => {
    const header = (name: string) => Buffer.from(record.headers[name] ?? '').toString()
    const fields = fieldsIn(record)
    return {
      topic: topicOfDeadLetters(record.topic),
      consumer: header('dlq_consumer'),
      reason: header('dlq_reason'),
      error: header('dlq_error'),
      type: text(fields['commandType'] ?? fields['eventType']),
    }
  })

/** An error that tells of each dead letter, where there are more than the `expected` ones. */
export function unexpectedDeadLetters(records: readonly PublishedRecord[], expected: number): AssertionError {
  const dead = deadLettersIn(records)
  const lines = dead.map(
    ({ topic, consumer, reason, error, type }) =>
      `  ${type ?? 'a record'} on ${topic}: ${consumer} reports ${reason}, ${error}`,
  )
  return new AssertionError({
    message: [
      `${dead.length} dead ${dead.length === 1 ? 'letter' : 'letters'}, expected ${expected}:`,
      ...lines,
      'Mend what sends it, or call `expectDeadLetters(count)` before, where it is meant to be one.',
    ].join('\n'),
  })
}

const fieldsIn = ({ value }: PublishedRecord) => fieldsOf(value === null ? null : Buffer.from(value))
const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
