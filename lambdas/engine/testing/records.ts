/** Records between a publisher and a consumer in one process. */
import { headersOf } from '../adapters/record-headers.ts'
import type { PublishedRecord } from '../adapters/memory/publisher.ts'
import type { IncomingRecord } from '../delivery/envelope.ts'

/** What was published as it comes to whoever reads it. `timestamp`: milliseconds since 1970. */
export const incomingRecord = (
  { topic, partition, offset, key, value, ...told }: PublishedRecord,
  timestamp = 0,
): IncomingRecord => ({
  topic,
  partition,
  offset,
  timestamp,
  key: bytes(key),
  value: bytes(value),
  headers: headersOf(told),
})

const bytes = (value: string | Uint8Array | null) => (typeof value === 'string' ? Buffer.from(value) : value)
