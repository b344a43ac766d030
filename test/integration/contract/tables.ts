import type { Table } from '#engine/model/aggregate.ts'

/** One partition key, two indexes; the contract's "orders". */
export const things: Table = {
  name: 'things',
  partition: 'id',
  indexes: [
    { name: 'byOwner', partition: 'owner', sort: { name: 'createdAt', type: 'string' } },
    { name: 'byStatus', partition: 'wakePartition', sort: { name: 'wakeAt', type: 'number' } },
  ],
}
/** Partition and sort key; the contract's "history". */
export const steps: Table = { name: 'steps', partition: 'id', sort: { name: 'step', type: 'string' } }
/** A number to sort by; the contract's "event store". */
export const events: Table = { name: 'events', partition: 'id', sort: { name: 'n', type: 'number' } }

export const contractTables: readonly Table[] = [things, steps, events]
