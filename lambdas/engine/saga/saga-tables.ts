import type { Table } from '../model/aggregate.ts'

/**
 * Every saga of every definition: `sagaKey` is `<saga>:<id>`. `byStatus` (`<saga>#<STATUS>#<shard>`, milliseconds) is
 * where the sweeper finds what is due and a search finds sagas by status; closed ones stand at their end.
 */
export const sagasTable: Table = {
  name: 'sagas',
  partition: 'sagaKey',
  indexes: [{ name: 'byStatus', partition: 'wakePartition', sort: { name: 'wakeAt', type: 'number' } }],
  expires: 'expiresAt',
}

/** One row a status that a saga declares: `{<saga key>, status, at}`. Kept for ever. `sagaKey`: the field, `orderId`. */
export const historyTable = (name: string, sagaKey: string): Table => ({
  name,
  partition: sagaKey,
  sort: { name: 'status', type: 'string' },
})
