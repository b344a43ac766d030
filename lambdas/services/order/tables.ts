import type { Table } from '#engine/model/aggregate.ts'
import { pendingIndex } from '#engine/model/pending.ts'
import { historyTable } from '#engine/saga/saga-tables.ts'

/** Those that have not ended. */
export const pendingOrders = pendingIndex('createdAt')

/** Orders are kept for ever. `byCustomer` lists an owner's; `pending` holds only those that have not ended. */
export const ordersTable: Table = {
  name: 'orders',
  partition: 'orderId',
  indexes: [
    { name: 'byCustomer', partition: 'customerId', sort: { name: 'createdAt', type: 'string' } },
    pendingOrders.index,
  ],
}

/** One row a status that an order has had: `{orderId, status, at}`, written by its saga. Kept for ever. */
export const ordersHistoryTable = historyTable('orders-history', 'orderId')
