/** What one approved order costs: the figures of the README's table, each accounted for. */
import { expect, test } from 'vitest'
import { orderTables, placeInBatches } from '../../../../scripts/cost/orders-in-process.ts'

test('an approved order of two lines costs 22 write units, each accounted for, and 7 messages', async () => {
  const { writes, messages, statuses } = await placeInBatches(1)
  expect(statuses).toEqual(['APPROVED'])
  const by = (table: string) => {
    const of = writes.filter(write => write.table === table)
    return [
      of.length,
      of.reduce((sum, write) => sum + write.base, 0),
      of.reduce((sum, write) => sum + write.indexes, 0),
    ]
  }
  // [writes, units of items, units of indexes]
  expect(Object.fromEntries(orderTables.map(({ name }) => [name, by(name)]))).toEqual({
    orders: [2, 2, 3],
    'orders-history': [2, 2, 0],
    sagas: [4, 4, 3],
    reservations: [1, 2, 0],
    products: [2, 4, 0],
    payments: [2, 2, 0],
  })
  expect(writes.reduce((sum, { base, indexes }) => sum + base + indexes, 0)).toBe(22)
  expect(messages).toBe(7)
  expect(Math.max(...writes.map(write => write.bytes))).toBeLessThan(1024)
})

test('at batches of fifty, an order takes at most four calls of the database', async () => {
  const { calls } = await placeInBatches(50)
  // Placing it is one, the reservation's transaction is one; the rest is shared by the batch.
  expect(calls).toMatchObject({ transaction: 50, query: 0 })
  const all = calls.read + calls.commit + calls.transaction + calls.rows
  expect(all / 50).toBeLessThanOrEqual(4)
})
