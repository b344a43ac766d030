import type { IncomingRecord } from './incoming-record.ts'

/** A record that must be delivered again, and why. Every later one of its partition is among them too. */
export interface Failed {
  readonly record: IncomingRecord
  readonly error: unknown
}

/** Order within a partition: whatever follows a failed record is delivered again with it. */
export function inOrder(records: readonly IncomingRecord[], failures: ReadonlyMap<IncomingRecord, unknown>): Failed[] {
  const first = new Map<string, { offset: number; error: unknown }>()
  for (const [record, error] of failures) {
    const partition = `${record.topic}-${record.partition}`
    const known = first.get(partition)
    if (!known || record.offset < known.offset) first.set(partition, { offset: record.offset, error })
  }
  return records.flatMap(record => {
    const failed = first.get(`${record.topic}-${record.partition}`)
    return failed && record.offset >= failed.offset ? [{ record, error: failures.get(record) ?? failed.error }] : []
  })
}
