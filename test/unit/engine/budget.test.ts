/** What one approved order costs: the figures of the README's table, each accounted for. */
import { expect, test } from 'vitest'
import { memoryStore } from '#shared/adapters/memory/store.ts'
import { createConsumer } from '#shared/messaging/consumer.ts'
import type { IncomingRecord } from '#shared/messaging/envelope.ts'
import { commitFromHttp } from '#shared/messaging/http-commit.ts'
import { createRelay } from '#shared/messaging/relay.ts'
import { topicPerAggregateAndKind as topicOf } from '#shared/messaging/topics.ts'
import type { OutgoingRecord } from '#shared/ports.ts'
import { orchestrator } from '#shared/saga/decide.ts'
import { sagasTable } from '#shared/saga/tables.ts'
import { orderSaga } from '../../../lambdas/sagas/order/saga.ts'
import { create, order } from '../../../lambdas/services/order/rules.ts'
import { ordersHistoryTable, ordersTable } from '../../../lambdas/services/order/tables.ts'
import { payment } from '../../../lambdas/services/payment/rules.ts'
import { paymentsTable } from '../../../lambdas/services/payment/tables.ts'
import { reservation } from '../../../lambdas/services/product/rules.ts'
import { productsTable, reservationsTable } from '../../../lambdas/services/product/tables.ts'
import { memoryLog } from '../../../lambdas/shared/adapters/memory/log.ts'
import { memoryProvider } from '../../support/memory-provider.ts'
import { metered } from '../../support/write-units.ts'

const tables = [ordersTable, productsTable, reservationsTable, paymentsTable, sagasTable, ordersHistoryTable]
/** As long as the ids that the API makes. */
const ID = (n: number) => `01JD2QXWV5Z8F3K7M9PRST${String(n).padStart(10, '0')}`

/** Approves `orders` orders of two lines, all in the same batches; what that cost. */
async function approve(orders: number) {
  const memory = memoryStore(tables)
  for (const productId of ['product-1', 'product-2'])
    await memory.commit([
      { ref: { table: 'products', key: { productId } }, previous: undefined, item: { productId, name: productId, shelf: 'all', price: { amount: 1250, currency: 'EUR' }, stock: 1_000_000, version: 1 } },
    ])
  const { store, writes, calls } = metered(memory, tables)
  let messages: OutgoingRecord[] = []
  let total = 0
  const publisher = { publish: async (records: readonly OutgoingRecord[]) => ((total += records.length), void messages.push(...records)) }
  const provider = memoryProvider()
  let now = Date.UTC(2026, 10, 21, 10, 15, 0, 123)
  const consumers = [
    { name: 'order-saga', aggregate: orchestrator(orderSaga) },
    { name: 'product', aggregate: reservation },
    { name: 'payment', aggregate: payment, calls: { charge: provider.charge } },
    { name: 'order', aggregate: order },
  ].map(consumer => {
    const ours = new Map(consumer.aggregate.hears.map(message => [message.type, message]))
    const clock = { now: () => (now += 17), sleep: async () => {} }
    return { hears: ours, handle: createConsumer({ ...consumer, aggregate: consumer.aggregate as never, store, publisher, clock, log: memoryLog(), topicOf, vocabulary: () => ({ ours, others: new Set(), owner: true }) }).handle }
  })
  const relay = createRelay({ aggregates: [order], publisher, topicOf })
  for (let n = 0; n < orders; n++) {
    const items = [{ productId: 'product-1', quantity: 1 }, { productId: 'product-2', quantity: 2 }]
    const made = create({ customerId: 'auth0-5f7c8ec7c33c6c004bbafe82', items, paymentMethod: 'tok_visa_4242' }, { now })
    await commitFromHttp({ store, aggregate: order, key: ID(n), ...made, now })
  }
  await relay.relay('orders', memory.items('orders'))
  while (messages.length > 0) {
    const batch = messages
    messages = []
    for (const { hears, handle } of consumers) {
      const records = batch.filter(record => hears.has(String(record.headers['ce_type']))).map((record, offset): IncomingRecord => ({ topic: record.topic, partition: 0, offset, timestamp: now, key: Buffer.from(String(record.key)), value: Buffer.from(String(record.value)), headers: Object.entries(record.headers).map(([name, value]) => ({ name, value: Buffer.from(value) })) }))
      if (records.length > 0) expect(await handle(records)).toEqual([])
    }
  }
  expect(memory.items('orders').map(item => item['status'])).toEqual(Array.from({ length: orders }, () => 'APPROVED'))
  return { writes, calls, messages: total }
}

test('an approved order of two lines costs 22 write units, each accounted for, and 7 messages', async () => {
  const { writes, messages } = await approve(1)
  const by = (table: string) => {
    const of = writes.filter(write => write.table === table)
    return [of.length, of.reduce((sum, write) => sum + write.base, 0), of.reduce((sum, write) => sum + write.indexes, 0)]
  }
  // [writes, units of items, units of indexes]
  expect(Object.fromEntries(tables.map(({ name }) => [name, by(name)]))).toEqual({
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
