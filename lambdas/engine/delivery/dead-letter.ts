import type { OutgoingRecord } from '../model/ports.ts'
import type { IncomingRecord, PoisonReason } from './envelope.ts'
import { deadLetterTopicOf } from './topics.ts'

const ERROR_LENGTH_MAX = 1000

/** What we say of a dead letter, in this order behind the record's own headers: those that it had of these names stay its own. */
export const DEAD_LETTER_HEADERS = [
  'dlq_reason',
  'dlq_error',
  'dlq_topic',
  'dlq_partition',
  'dlq_offset',
  'dlq_timestamp',
  'dlq_consumer',
  'dlq_attempts',
] as const
type AboutDeadLetter = Readonly<Record<(typeof DEAD_LETTER_HEADERS)[number], string>>

/** The dead letter of a record: its own key, value and headers, and beside them why, where it came from and who gave up. */
export function deadLetter(
  record: IncomingRecord,
  about: { reason: PoisonReason; error: string; consumer: string; attempts: number },
): OutgoingRecord {
  return {
    topic: deadLetterTopicOf(record.topic),
    key: record.key,
    value: record.value,
    keptHeaders: record.headers,
    headers: {
      dlq_reason: about.reason,
      dlq_error: about.error.slice(0, ERROR_LENGTH_MAX),
      dlq_topic: record.topic,
      dlq_partition: String(record.partition),
      dlq_offset: String(record.offset),
      dlq_timestamp: String(record.timestamp),
      dlq_consumer: about.consumer,
      dlq_attempts: String(about.attempts),
    } satisfies AboutDeadLetter,
  }
}
