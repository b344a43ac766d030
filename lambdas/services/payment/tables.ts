import type { Table } from '#engine/model/aggregate.ts'

/** One payment an order. Tombstones of voids outlive any dead letter that could still charge. */
export const paymentsTable: Table = { name: 'payments', partition: 'orderId' }
