/** Kafka as the simulation needs it: logs, groups and their offsets, dead letters that come back. No time, no network. */
import type { IncomingRecord } from '#shared/messaging/envelope.ts'
import { positionId } from '#shared/messaging/envelope.ts'
import type { OutgoingRecord } from '#shared/ports.ts'
import { shardOf } from '#shared/shard.ts'

const PARTITIONS = 2
const bytes = (value: string | Uint8Array | null) => (typeof value === 'string' ? Buffer.from(value) : value)

export const header = ({ headers }: Pick<IncomingRecord, 'headers'>, name: string) =>
  headers.find(header => header.name === name)?.value.toString()

export interface Source {
  readonly consumer: string
  readonly topic: string
  readonly partition: number
  /** The first offset that is not acknowledged. */
  committed: number
  /** Deliveries of the record at `committed` that failed so far. */
  attempts: number
  /** An invocation works on it. */
  busy: boolean
}

export function createBroker(now: () => number) {
  const logs = new Map<string, IncomingRecord[]>()
  const sources: Source[] = []
  const parked: IncomingRecord[] = []
  const discarded: IncomingRecord[] = []
  const logOf = (topic: string, partition: number) => {
    const id = `${topic}-${partition}`
    const log = logs.get(id) ?? []
    logs.set(id, log)
    return log
  }
  const append = (record: Pick<IncomingRecord, 'topic' | 'key' | 'value' | 'headers'>, partition: number) => {
    const log = logOf(record.topic, partition)
    const appended = { ...record, partition, offset: log.length, timestamp: now() }
    log.push(appended)
    return positionId(appended)
  }

  return {
    sources,
    parked,
    /** Dead letters that were thrown away. */
    discarded,
    subscribe(consumer: string, topic: string) {
      for (let partition = 0; partition < PARTITIONS; partition++)
        sources.push({ consumer, topic, partition, committed: 0, attempts: 0, busy: false })
    },
    /** The records are appended as they are: what others write. */
    append,
    publish(records: readonly OutgoingRecord[]) {
      for (const { topic, key, value, headers } of records) {
        const list = Object.entries(headers).map(([name, header]) => ({ name, value: bytes(header) as Uint8Array }))
        const keyBytes = bytes(key)
        append(
          { topic, key: keyBytes, value: bytes(value), headers: list },
          keyBytes ? shardOf(Buffer.from(keyBytes).toString(), PARTITIONS) : 0,
        )
      }
    },
    waiting: (source: Source) => logOf(source.topic, source.partition).length - source.committed,
    read: (source: Source, most: number) =>
      logOf(source.topic, source.partition).slice(source.committed, source.committed + most),
    /** What Lambda does after its last retry: the record leaves the partition, and comes back when somebody redrives it. */
    detour(source: Source) {
      const record = logOf(source.topic, source.partition)[source.committed]
      if (!record) return
      parked.push(record)
      source.committed++
      source.attempts = 0
    },
    discard: (index: number) => void discarded.push(...parked.splice(index, 1)),
    /** Back to its topic, at a new offset, with the id that it had. */
    redrive(index: number) {
      const [record] = parked.splice(index, 1)
      if (!record) return
      const headers = record.headers.some(header => header.name === 'ce_id')
        ? record.headers
        : [...record.headers, { name: 'ce_id', value: Buffer.from(positionId(record)) }]
      append({ ...record, headers }, record.partition)
    },
    messages: () => [...logs.values()].reduce((sum, log) => sum + log.length, 0),
    topics: () => [...new Set([...logs.keys()].map(id => id.slice(0, id.lastIndexOf('-'))))],
    everything: () => [...logs.values()].flat(),
  }
}
export type Broker = ReturnType<typeof createBroker>
