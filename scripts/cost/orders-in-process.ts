/** Orders through the order domain in batches, on memory adapters: what that writes, says and calls. */
import { itemSizeBytes } from '#engine/adapters/item-size.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { createConsumer } from '#engine/delivery/consumer.ts'
import type { Caller } from '#engine/delivery/consumer-settings.ts'
import type { AnyAggregate } from '#engine/model/aggregate.ts'
import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import { commitFromHttp } from '#engine/delivery/http-commit.ts'
import { createRelay } from '#engine/delivery/relay.ts'
import { topicPerAggregateAndKind as topicOf } from '#engine/delivery/topics.ts'
import type { Log, OutgoingRecord } from '#engine/model/ports.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { orderSaga } from '../../lambdas/sagas/order/saga.ts'
import { create, order } from '../../lambdas/services/order/rules.ts'
import { ordersHistoryTable, ordersTable } from '../../lambdas/services/order/tables.ts'
import { payment } from '../../lambdas/services/payment/rules.ts'
import { paymentsTable } from '../../lambdas/services/payment/tables.ts'
import { reservation } from '../../lambdas/services/product/rules.ts'
import { productsTable, reservationsTable } from '../../lambdas/services/product/tables.ts'
import { memoryLog } from '#engine/adapters/memory/log.ts'
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
/** As long as the ids that the API makes. */
const ID = (n: number) => `01JD2QXWV5Z8F3K7M9PRST${String(n).padStart(10, '0')}`

/**
 * Places `orders` orders of two lines, all in the same batches, and sees them end; what that cost. `logOf`: of a consumer,
 * by its name.
 */
export async function placeInBatches(
  orders: number,
  paymentMethodOf: (n: number) => string = () => 'tok_visa_4242',
  logOf: (consumer: string) => Log = () => memoryLog(),
) {
  const memory = memoryStore(orderTables)
  for (const productId of ['product-1', 'product-2'])
    await memory.commit([
      {
        ref: { table: 'products', key: { productId } },
        previous: undefined,
        item: {
          productId,
          name: productId,
          shelf: 'all',
          price: { amount: 1250, currency: 'EUR' },
          stock: 1_000_000,
          version: 1,
        },
      },
    ])
  const { store, writes, calls, asked } = metered(memory, orderTables)
  let messages: OutgoingRecord[] = []
  let total = 0
  /** Of keys, values and headers. */
  let messageBytes = 0
  const publisher = {
    publish: async (records: readonly OutgoingRecord[]) => {
      total += records.length
      messageBytes += records.reduce((sum, record) => sum + bytesOf(record), 0)
      messages.push(...records)
    },
  }
  const invocations: Record<string, number> = {}
  const provider = memoryProvider()
  let now = Date.UTC(2026, 10, 21, 10, 15, 0, 123)
  const settings: { name: string; aggregate: AnyAggregate; calls?: Readonly<Record<string, Caller>> }[] = [
    { name: 'order-saga', aggregate: orchestrator(orderSaga) },
    { name: 'product', aggregate: reservation },
    { name: 'payment', aggregate: payment, calls: { charge: provider.charge } },
    { name: 'order', aggregate: order },
  ]
  const consumers = settings.map(consumer => {
    const ours = new Map(consumer.aggregate.handles.map(message => [message.type, message]))
    const clock = { now: () => (now += 17), sleep: async () => {} }
    return {
      name: consumer.name,
      handles: ours,
      handle: createConsumer({
        ...consumer,
        aggregate: consumer.aggregate,
        store,
        publisher,
        clock,
        log: logOf(consumer.name),
        topicOf,
        vocabulary: () => ({ ours, others: new Set(), owner: true }),
      }).handle,
    }
  })
  const relay = createRelay({ aggregates: [order], publisher, topicOf, log: logOf('outbox-relay') })
  for (let n = 0; n < orders; n++) {
    const items = [
      { productId: 'product-1', quantity: 1 },
      { productId: 'product-2', quantity: 2 },
    ]
    const made = create(
      { customerId: 'auth0-5f7c8ec7c33c6c004bbafe82', items, paymentMethod: paymentMethodOf(n) },
      { now },
    )
    await commitFromHttp({ store, aggregate: order, key: ID(n), ...made, now })
  }
  await relay.relay('orders', memory.items('orders'))
  while (messages.length > 0) {
    const batch = messages
    messages = []
    for (const { name, handles, handle } of consumers) {
      const records = batch
        .filter(record => handles.has(String(record.headers['ce_type'])))
        .map(
          (record, offset): IncomingRecord => ({
            topic: record.topic,
            partition: 0,
            offset,
            timestamp: now,
            key: Buffer.from(String(record.key)),
            value: Buffer.from(String(record.value)),
            headers: Object.entries(record.headers).map(([name, value]) => ({ name, value: Buffer.from(value) })),
          }),
        )
      if (records.length > 0) {
        // A mapping is of one topic.
        invocations[name] = (invocations[name] ?? 0) + new Set(records.map(({ topic }) => topic)).size
        const failed = await handle(records)
        if (failed[0]) throw failed[0].error
      }
    }
  }
  return {
    writes,
    calls,
    asked,
    messages: total,
    messageBytes,
    invocations,
    keptBytes: orderTables.reduce(
      (sum, { name }) =>
        sum + (name === 'products' ? 0 : memory.items(name).reduce((of, item) => of + itemSizeBytes(item), 0)),
      0,
    ),
    statuses: memory.items('orders').map(item => item['status']),
  }
}

const bytesOf = ({ key, value, headers }: OutgoingRecord) =>
  [key, value, ...Object.entries(headers).flat()].reduce((sum, part) => sum + Buffer.byteLength(part ?? ''), 0)
