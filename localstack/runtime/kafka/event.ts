import type { KafkaSourcePlan } from '../template/plan-types.ts'
import { isRecord } from '../sources/delivery.ts'
import { matches } from '../sources/pattern.ts'

/** A record as it was read from the broker. */
export interface KafkaRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since 1970: when it was produced. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[]
}

/** What Lambda hands to a function for records of one partition. A key or a value that is null is left out. */
export function kafkaEvent(
  records: readonly KafkaRecord[],
  plan: Pick<KafkaSourcePlan, 'sourceArn'>,
  brokers: readonly string[],
) {
  const [first] = records
  return {
    eventSource: 'aws:kafka',
    eventSourceArn: plan.sourceArn,
    bootstrapServers: brokers.join(','),
    records: first ? { [`${first.topic}-${first.partition}`]: records.map(eventRecord) } : {},
  }
}

const eventRecord = ({ topic, partition, offset, timestamp, key, value, headers }: KafkaRecord) => ({
  topic,
  partition,
  offset,
  timestamp,
  timestampType: 'CREATE_TIME',
  ...(key !== null && { key: key.toString('base64') }),
  ...(value !== null && { value: value.toString('base64') }),
  // Java's bytes have a sign.
  headers: headers.map(([name, bytes]) => ({ [name]: bytes && [...new Int8Array(bytes)] })),
})

/** The identifier that a partial batch response names a record by. */
export const identify = ({ topic, partition, offset }: KafkaRecord) => `${topic}-${partition}@${offset}`

export function reported(itemIdentifier: unknown): string | undefined {
  if (!isRecord(itemIdentifier)) return undefined
  const { partition, offset } = itemIdentifier
  return typeof partition === 'string' && typeof offset === 'number' ? `${partition}@${offset}` : undefined
}

/** Whether one of the patterns matches, if there are any. A pattern on the value drops what is not JSON, as Lambda does. */
export function passes(record: KafkaRecord, filters: readonly unknown[]): boolean {
  if (filters.length === 0) return true
  const { topic, partition, offset, timestamp } = record
  const key = record.key?.toString('utf8')
  return filters.some(pattern => {
    const value = readable(record.value, isRecord(pattern) ? pattern['value'] : undefined)
    return value !== 'unreadable' && matches(pattern, { topic, partition, offset, timestamp, key, value: value.read })
  })
}

/** A pattern of fields reads the value as JSON, a list of alternatives reads it as text. */
function readable(value: Buffer | null, pattern: unknown): { read: unknown } | 'unreadable' {
  if (pattern === undefined) return { read: undefined }
  const text = value?.toString('utf8') ?? ''
  if (Array.isArray(pattern)) return { read: text }
  try {
    const parsed: unknown = JSON.parse(text)
    return isRecord(parsed) ? { read: parsed } : 'unreadable'
  } catch {
    return 'unreadable'
  }
}

/** Bytes of one invocation's payload, at most: Lambda takes 6 MB. */
const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024
const RECORD_OVERHEAD_BYTES = 200

/** How many of the first records go into one invocation; at least one. */
export function batchOf(records: readonly KafkaRecord[], batchSize: number): number {
  let bytes = 0
  for (const [index, record] of records.entries()) {
    bytes += RECORD_OVERHEAD_BYTES + bytesOf(record)
    if (index === batchSize || (index > 0 && bytes > PAYLOAD_BYTES_MAX)) return index
  }
  return records.length
}

/** Base64 takes a third more; a header's byte takes up to five characters. */
const bytesOf = ({ key, value, headers }: KafkaRecord) =>
  (((key?.length ?? 0) + (value?.length ?? 0)) * 4) / 3 +
  headers.reduce((sum, [name, bytes]) => sum + name.length + (bytes?.length ?? 0) * 5, 0)
