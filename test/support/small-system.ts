/** The order domain in one process without any fault: the API's functions, the consumers and the topics, on memory adapters. */
import { Hono } from 'hono'
import { memoryPublisher, type PublishedRecord } from '#shared/adapters/memory/publisher.ts'
import { memoryStore } from '#shared/adapters/memory/store.ts'
import { systemClock } from '#shared/adapters/node/clock.ts'
import type { AnyAggregate } from '#shared/aggregate.ts'
import type { ApiEnv } from '#shared/http/api.ts'
import { createConsumer } from '#shared/messaging/consumer.ts'
import type { IncomingRecord } from '#shared/messaging/envelope.ts'
import { createRelay } from '#shared/messaging/relay.ts'
import { topicPerAggregateAndKind as topicOf } from '#shared/messaging/topics.ts'
import type { Store } from '#shared/ports.ts'
import { orchestrator } from '#shared/saga/decide.ts'
import { sagasTable } from '#shared/saga/tables.ts'
import { orderSaga } from '../../lambdas/sagas/order/saga.ts'
import { createOrderApi } from '../../lambdas/services/order/api.ts'
import { order } from '../../lambdas/services/order/rules.ts'
import { ordersHistoryTable, ordersTable } from '../../lambdas/services/order/tables.ts'
import { payment } from '../../lambdas/services/payment/rules.ts'
import { paymentsTable } from '../../lambdas/services/payment/tables.ts'
import { createProductApi } from '../../lambdas/services/product/api.ts'
import { reservation } from '../../lambdas/services/product/rules.ts'
import { productsTable, reservationsTable } from '../../lambdas/services/product/tables.ts'
import { recordedLog } from './http.ts'
import { memoryProvider } from './memory-provider.ts'

const tables = [ordersTable, ordersHistoryTable, productsTable, reservationsTable, paymentsTable, sagasTable]
/** Deliveries of one record. */
const ATTEMPTS_MAX = 10

/** `app` takes API calls; each answer comes after all that it set off is done. `records`: all that was said. */
export function smallSystem() {
  const log = recordedLog()
  const store = memoryStore(tables)
  const publisher = memoryPublisher()
  const provider = memoryProvider()
  const calls = {
    charge: provider.charge.bind(provider),
    cancel: provider.cancel.bind(provider),
    refund: provider.refund.bind(provider),
  }
  const settings: { name: string; aggregate: AnyAggregate; calls?: typeof calls }[] = [
    { name: 'order-saga', aggregate: orchestrator(orderSaga) },
    { name: 'product', aggregate: reservation },
    { name: 'payment', aggregate: payment, calls },
    { name: 'order', aggregate: order },
  ]
  const consumers = settings.map(settings => ({
    topics: new Set(settings.aggregate.hears.map(message => topicOf(message))),
    consumer: createConsumer({
      ...settings,
      store,
      publisher,
      clock: systemClock,
      log,
      topicOf,
      vocabulary: () => ({
        ours: new Map(settings.aggregate.hears.map(message => [message.type, message])),
        others: new Set(),
        owner: false,
      }),
    }),
  }))

  let delivered = 0
  /** One record after the other, until nobody says anything more. */
  const drain = async () => {
    for (let record = publisher.records()[delivered]; record; record = publisher.records()[delivered]) {
      delivered += 1
      for (const { topics, consumer } of consumers) if (topics.has(record.topic)) await deliver(consumer, record)
    }
  }
  const relay = createRelay({ aggregates: [order], publisher, topicOf })
  /** What comes over HTTP is relayed at once. */
  const overHttp: Store = {
    ...store,
    async commit(commits) {
      const results = await store.commit(commits)
      const items = commits.filter((_, i) => results[i]?.outcome === 'committed').map(({ item }) => item)
      await relay.relay(
        'orders',
        items.filter(item => item['via'] === 'http'),
      )
      await drain()
      return results
    },
  }

  const ports = { store: overHttp, clock: systemClock, log, newId: () => crypto.randomUUID() }
  const app = new Hono<ApiEnv>()
  app.route('/', createOrderApi(ports))
  app.route('/', createProductApi(ports))
  return { app, store, provider, log, records: () => publisher.records() }
}

async function deliver(consumer: ReturnType<typeof createConsumer>, record: PublishedRecord): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++)
    if ((await consumer.handle([incoming(record)])).length === 0) return
  throw new Error(`${record.topic} ${record.partition}@${record.offset} was delivered ${ATTEMPTS_MAX} times`)
}

const incoming = ({ topic, partition, offset, key, value, headers }: PublishedRecord): IncomingRecord => ({
  topic,
  partition,
  offset,
  timestamp: 0,
  key: bytes(key),
  value: bytes(value),
  headers: Object.entries(headers).map(([name, header]) => ({ name, value: Buffer.from(header) })),
})
const bytes = (value: string | Uint8Array | null) => (typeof value === 'string' ? Buffer.from(value) : value)
