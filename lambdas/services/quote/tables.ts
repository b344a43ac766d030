import type { Table } from '#engine/model/aggregate.ts'

/** Partitions of the index of what must be said again: enough that none is hot. */
export const REMIND_SHARDS = 8

/** Quotes are kept for ever. `byReminder`: those that are APPROVED, by when they are looked at. */
export const quotesTable: Table = {
  name: 'quotes',
  partition: 'quoteID',
  indexes: [{ name: 'byReminder', partition: 'remindPartition', sort: { name: 'remindAt', type: 'number' } }],
}
