import type { OutgoingRecord } from '../model/ports.ts'
import type { IncomingRecord, PoisonReason } from './envelope.ts'
import { deadLetterTopicOf } from './topics.ts'

const ERROR_LENGTH_MAX = 1000

/** The dead letter of a record: its own key, value and headers, and beside them why, where it came from and who gave up. */
export function deadLetter(
  record: IncomingRecord,
  about: { reason: PoisonReason; error: string; consumer: string; attempts: number },
): OutgoingRecord {
  return {
    topic: deadLetterTopicOf(record.topic),
    key: record.key,
    value: record.value,
    headers: {
      ...Object.fromEntries(record.headers.map(({ name, value }) => [name, value])),
      dlq_reason: about.reason,
      dlq_error: about.error.slice(0, ERROR_LENGTH_MAX),
      dlq_topic: record.topic,
      dlq_partition: String(record.partition),
      dlq_offset: String(record.offset),
      dlq_timestamp: String(record.timestamp),
      dlq_consumer: about.consumer,
      dlq_attempts: String(about.attempts),
    },
  }
}
