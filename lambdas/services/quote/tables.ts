import type { Table } from '#engine/model/aggregate.ts'
import type { PendingIndex } from '#engine/model/pending.ts'

/** Partitions of the index of what must be published again: enough that none is hot. */
export const REMIND_SHARDS = 8

export const byReminder: PendingIndex['index'] = {
  name: 'byReminder',
  partition: 'remindPartition',
  sort: { name: 'remindAt', type: 'number' },
}

/** Quotes are kept for ever. `byReminder`: those that are APPROVED, by when they are looked at. */
export const quotesTable: Table = {
  name: 'quotes',
  partition: 'quoteID',
  indexes: [byReminder],
}
