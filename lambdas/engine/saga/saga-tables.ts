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
export function historyTable(name: string, sagaKey: string): Table {
  const known = historyTables.get(`${name} ${sagaKey}`)
  if (known) return known
  const table: Table = { name, partition: sagaKey, sort: { name: 'status', type: 'string' } }
  historyTables.set(`${name} ${sagaKey}`, table)
  return table
}
/** The saga and the service that shows it speak of one table: the catalog refuses two of one name. */
const historyTables = new Map<string, Table>()
