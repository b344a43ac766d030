import type { Table } from '#engine/model/aggregate.ts'

/**
 * What is for sale: `{productId, name, price: {amount, currency}, stock, shelf, version}`. `stock` is what is not reserved;
 * reservations change it `alongside` their own commit, which leaves `version` and the index alone.
 */
export const productsTable: Table = {
  name: 'products',
  partition: 'productId',
  // All products stand on one shelf, by name: a list is a query in a stable order, never a scan, and only making a
  // product writes to the index. One partition takes 1,000 new products a second.
  indexes: [{ name: 'byName', partition: 'shelf', sort: { name: 'name', type: 'string' } }],
}

/** The one value of `shelf`. */
export const SHELF = 'all'

/** One reservation an order, and the tombstones of cancels that came first. */
export const reservationsTable: Table = { name: 'reservations', partition: 'orderId' }
