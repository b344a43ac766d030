/** The event of a Kafka event source. */
import type { IncomingRecord } from '../../delivery/envelope.ts'

export interface KafkaEventRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key?: string | null
  readonly value?: string | null
  /** Java's bytes, with a sign. A header of a foreign producer may have no value, which is not an empty one. */
  readonly headers?: readonly Readonly<Record<string, readonly number[] | null>>[] | null
}
export interface KafkaEvent {
  readonly records: Readonly<Record<string, readonly KafkaEventRecord[]>>
}

/** In the order of their partitions; the prefix of the environment taken off. */
export function recordsOf(event: KafkaEvent, prefix: string): IncomingRecord[] {
  return Object.values(event.records).flatMap(records =>
    records.map(record => ({
      topic: record.topic.startsWith(prefix) ? record.topic.slice(prefix.length) : record.topic,
      partition: record.partition,
      offset: record.offset,
      timestamp: record.timestamp,
      key: bytes(record.key),
      value: bytes(record.value),
      headers: (record.headers ?? []).flatMap(header =>
        Object.entries(header).map(([name, value]) => ({
          name,
          value: value && Buffer.from(value),
        })),
      ),
    })),
  )
}

const bytes = (base64: string | null | undefined) =>
  base64 === undefined || base64 === null ? null : Buffer.from(base64, 'base64')
