import type { Table } from '#shared/aggregate.ts'

/**
 * What is for sale: `{productId, name, price: {amount, currency}, stock, shelf, version}`. `stock` is what is not reserved;
 * reservations change it `alongside` their own commit, which leaves `version` and the index alone.
 */
export const productsTable = {
  name: 'products',
  partition: 'productId',
  // All products stand on one shelf, by name: a list is a query in a stable order, never a scan, and only making a
  // product writes to the index. One partition takes 1,000 new products a second.
  indexes: [{ name: 'byName', partition: 'shelf', sort: { name: 'name', type: 'string' } }],
} as const satisfies Table

/** The one value of `shelf`. */
export const SHELF = 'all'
