/** Kafka as the simulation needs it: logs, groups and their offsets. No time of its own, no network. */
import { headersOf } from '#engine/adapters/record-headers.ts'
import { type IncomingRecord, positionId } from '#engine/delivery/envelope.ts'
import type { OutgoingRecord } from '#engine/model/ports.ts'
import { shardOf } from '#engine/model/shard.ts'

const PARTITIONS = 2
const bytes = (value: string | Uint8Array | null) => (typeof value === 'string' ? Buffer.from(value) : value)

export const header = ({ headers }: Pick<IncomingRecord, 'headers'>, name: string) =>
  headers.find(header => header.name === name)?.value?.toString()

/** What a record is called in traces and in the names of places: its type and its id. */
export function nameOf(record: IncomingRecord): string {
  const type = header(record, 'ce_type')
  const id = header(record, 'ce_id')
  return type !== undefined && id !== undefined ? `${type} ${id}` : `${id ?? positionId(record)} of others`
}

export interface Source {
  readonly consumer: string
  readonly topic: string
  readonly partition: number
  readonly log: readonly IncomingRecord[]
  /** The first offset that is not acknowledged. */
  committed: number
  /** Deliveries of the record at `committed` that failed so far. */
  attempts: number
  /** What of the last batch failed, if these alone are delivered again; then it goes on at `resumesAt`. */
  again: readonly IncomingRecord[] | undefined
  resumesAt: number
  /** An invocation works on it. */
  busy: boolean
  /** The move before which nobody reads it. */
  notBefore: number
}

export function createBroker(now: () => number) {
  const logs = new Map<string, IncomingRecord[]>()
  const sources: Source[] = []
  const ids = new Set<string>()
  let message: (record: IncomingRecord) => void = () => {}
  const commandIds = new Set<string>()
  const causes = new Set<string>()
  const logOf = (topic: string, partition: number) => {
    const id = `${topic}-${partition}`
    const log = logs.get(id) ?? []
    logs.set(id, log)
    return log
  }
  const append = (
    record: Pick<IncomingRecord, 'topic' | 'key' | 'value' | 'headers'>,
    partition: number,
  ): IncomingRecord => {
    const log = logOf(record.topic, partition)
    const appended = { ...record, partition, offset: log.length, timestamp: now() }
    log.push(appended)
    return appended
  }

  return {
    sources,
    /** The ids of all records that say theirs. */
    ids,
    /** Of those, the commands'. */
    commandIds,
    /** What caused any of the records that say so. */
    causes,
    subscribe(consumer: string, topic: string) {
      for (let partition = 0; partition < PARTITIONS; partition++)
        sources.push({
          consumer,
          topic,
          partition,
          log: logOf(topic, partition),
          committed: 0,
          attempts: 0,
          again: undefined,
          resumesAt: 0,
          busy: false,
          notBefore: 0,
        })
    },
    /** The record is appended as it is: what others write. */
    append,
    /** Hears of each record that is published; not of those that others append. */
    onPublish: (listener: (record: IncomingRecord) => void) => void (message = listener),
    publish(records: readonly OutgoingRecord[]) {
      for (const { topic, key, value, headers, keptHeaders } of records) {
        const list = headersOf({ headers, keptHeaders: keptHeaders ?? [] })
        const keyBytes = bytes(key)
        const id = headers['ce_id']
        const cause = headers['causationid']
        if (typeof cause === 'string') causes.add(cause)
        if (typeof id === 'string') {
          ids.add(id)
          if (typeof value === 'string' && value.startsWith('{"commandID"')) commandIds.add(id)
        }
        const appended = append(
          { topic, key: keyBytes, value: bytes(value), headers: list },
          keyBytes ? shardOf(Buffer.from(keyBytes).toString(), PARTITIONS) : 0,
        )
        message(appended)
      }
    },
    waiting: ({ log, committed }: Source) => log.length - committed,
    read: ({ log, committed, again }: Source, most: number) => again ?? log.slice(committed, committed + most),
    messages: () => [...logs.values()].reduce((sum, log) => sum + log.length, 0),
    everything: () => [...logs.values()].flat(),
  }
}
export type Broker = ReturnType<typeof createBroker>
