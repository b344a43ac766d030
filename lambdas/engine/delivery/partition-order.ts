import type { IncomingRecord } from './incoming-record.ts'

/** A record that must be delivered again, and why. */
export interface Failed {
  readonly record: IncomingRecord
  readonly error: unknown
}

/**
 * What must be delivered again, in order. Of a key everything from its first failed record on; no other key waits for it.
 * Lambda may repeat these alone or everything from the lowest on: what was handled is recognised, so both are right.
 */
export const inOrder = (records: readonly IncomingRecord[], failures: ReadonlyMap<IncomingRecord, unknown>): Failed[] =>
  records.flatMap(record => (failures.has(record) ? [{ record, error: failures.get(record) }] : []))
