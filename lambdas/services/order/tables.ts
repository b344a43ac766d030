import type { Table } from '#engine/model/aggregate.ts'
import { historyTable } from '#engine/saga/saga-tables.ts'

/** Orders are kept for ever. `byCustomer` lists an owner's; `pending` holds only those that have not ended. */
export const ordersTable: Table = {
  name: 'orders',
  partition: 'orderId',
  indexes: [
    { name: 'byCustomer', partition: 'customerId', sort: { name: 'createdAt', type: 'string' } },
    { name: 'pending', partition: 'pendingShard', sort: { name: 'createdAt', type: 'string' } },
  ],
}

/** One row a status that an order has had: `{orderId, status, at}`, written by its saga. Kept for ever. */
export const ordersHistoryTable = historyTable('orders-history', 'orderId')
