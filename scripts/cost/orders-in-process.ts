/** Orders through the order domain in batches, in one process: what that writes, publishes and calls. */
import { itemSizeBytes } from '#engine/adapters/item-size.ts'
import { memoryLog } from '#engine/adapters/memory/log.ts'
import { commitFromHttp } from '#engine/delivery/http-commit.ts'
import { createRelay } from '#engine/delivery/relay.ts'
import type { Log, OutgoingRecord, Store } from '#engine/model/ports.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { startDomain } from '#engine/testing'
import type { Domain } from '#engine/catalog/catalog.ts'
import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import { orderSaga } from '../../lambdas/sagas/order/saga.ts'
import { create, order } from '../../lambdas/services/order/rules.ts'
import { orderService } from '../../lambdas/services/order/service.ts'
import { paymentService } from '../../lambdas/services/payment/service.ts'
import { productService } from '../../lambdas/services/product/service.ts'
import { ordersHistoryTable, ordersTable } from '../../lambdas/services/order/tables.ts'
import { paymentsTable } from '../../lambdas/services/payment/tables.ts'
import { productsTable, reservationsTable } from '../../lambdas/services/product/tables.ts'
import { memoryProvider } from '../../localstack/sandbox/memory-provider.ts'
import { metered } from './write-units.ts'

export const orderTables = [
  ordersTable,
  productsTable,
  reservationsTable,
  paymentsTable,
  sagasTable,
  ordersHistoryTable,
]
/** The sample domain of orders: an order and what it needs, and nothing that others let follow from it. */
export const ordersDomain: Domain = {
  name: 'orders',
  topicOf: topicPerAggregateAndKind,
  services: [orderService, productService, paymentService],
  sagas: [orderSaga],
}
/** As long as the ids that the API makes. */
const ID = (n: number) => `01JD2QXWV5Z8F3K7M9PRST${String(n).padStart(10, '0')}`
/** Between two batches of a consumer, so that no latency is 0. */
const BATCH_MS = 17
const STARTS_AT = Date.UTC(2026, 10, 21, 10, 15, 0, 123)

/**
 * Places `orders` orders of two lines, all in the same batches, and sees them end; what that cost. `logOf`: of a consumer,
 * by its name. `invocations`: by consumer, each message on its own.
 */
export async function placeInBatches(
  orders: number,
  paymentMethodOf: (n: number) => string = () => 'tok_visa_4242',
  logOf: (consumer: string) => Log = () => memoryLog(),
) {
  const provider = memoryProvider()
  const { promise, resolve } = Promise.withResolvers<ReturnType<typeof metered>>()
  const system = startDomain(ordersDomain, {
    now: STARTS_AT,
    logOf,
    calls: { payment: { charge: provider.charge } },
    through(memory) {
      const measured = metered(memory, orderTables)
      resolve(measured)
      // Each batch reads once.
      const read: Store['read'] = async (...asked) => (
        await system.clock.advance(BATCH_MS), measured.store.read(...asked)
      )
      return { ...measured.store, read }
    },
  })
  const { writes, calls, asked } = await promise
  for (const productId of ['product-1', 'product-2']) {
    const price = { amount: 1250, currency: 'EUR' }
    const item = { productId, name: productId, shelf: 'all', price, stock: 1_000_000, version: 1 }
    await system.store.commit([{ ref: { table: 'products', key: { productId } }, previous: undefined, item }])
  }
  // What is for sale is not what an order costs.
  writes.length = 0
  calls.commit = 0
  for (let n = 0; n < orders; n++) {
    const now = system.clock.now()
    const items = [
      { productId: 'product-1', quantity: 1 },
      { productId: 'product-2', quantity: 2 },
    ]
    const placed = { customerId: 'auth0-5f7c8ec7c33c6c004bbafe82', items, paymentMethod: paymentMethodOf(n) }
    await commitFromHttp({ store: system.store, aggregate: order, key: ID(n), ...create(placed, { now }), now })
  }
  // All of them in one batch of the change feed.
  const fed: OutgoingRecord[] = []
  const publisher = { publish: async (records: readonly OutgoingRecord[]) => void fed.push(...records) }
  const relay = createRelay({
    aggregates: [order],
    publisher,
    topicOf: ordersDomain.topicOf,
    log: logOf('outbox-relay'),
  })
  await relay.relay('orders', system.store.items('orders'))
  await system.send(fed, { atOnce: Infinity })

  const records = system.records()
  const handled = system
    .messages()
    .flatMap(({ type }) => system.wiring.messages.find(m => m.type === type)?.handledBy ?? [])
  return {
    writes,
    calls,
    asked,
    messages: records.length,
    /** Of keys, values and headers. */
    messageBytes: records.reduce((sum, record) => sum + bytesOf(record), 0),
    invocations: Object.fromEntries([...Map.groupBy(handled, name => name)].map(([name, all]) => [name, all.length])),
    keptBytes: orderTables.reduce(
      (sum, { name }) =>
        sum + (name === 'products' ? 0 : system.store.items(name).reduce((of, item) => of + itemSizeBytes(item), 0)),
      0,
    ),
    statuses: system.store.items('orders').map(item => item['status']),
  }
}

const bytesOf = ({ key, value, headers }: OutgoingRecord) =>
  [key, value, ...Object.entries(headers).flat()].reduce((sum, part) => sum + Buffer.byteLength(part ?? ''), 0)
