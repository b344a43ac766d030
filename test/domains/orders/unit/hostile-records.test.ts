/** Whatever a record holds, it is handled or dead-lettered at once: none is delivered again, none stops the others. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryLog } from '#engine/adapters/memory/log.ts'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import type { AnyAggregate } from '#engine/model/aggregate.ts'
import { createConsumer } from '#engine/delivery/consumer.ts'
import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import { topicPerAggregateAndKind as topicOf } from '#engine/delivery/topics.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { orderSaga } from '../../../../lambdas/sagas/order/saga.ts'
import { order } from '../../../../lambdas/services/order/rules.ts'
import { ordersHistoryTable, ordersTable } from '../../../../lambdas/services/order/tables.ts'
import { payment } from '../../../../lambdas/services/payment/rules.ts'
import { paymentsTable } from '../../../../lambdas/services/payment/tables.ts'
import { reservation } from '../../../../lambdas/services/product/rules.ts'
import { productsTable, reservationsTable } from '../../../../lambdas/services/product/tables.ts'
import { memoryProvider } from '../../../../localstack/sandbox/memory-provider.ts'

const tables = [ordersTable, productsTable, reservationsTable, paymentsTable, sagasTable, ordersHistoryTable]
const aggregates: AnyAggregate[] = [orchestrator(orderSaga), reservation, payment, order]
const types = aggregates.flatMap(({ handles }) => handles.map(({ type }) => type))

const odd = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'o1',
  'o1.1.0',
  'a/b',
  '',
  '\ud800',
  '\ufeffo1',
  '\0',
)
const text = fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 300 }))
const number = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(-0, 1e308, Number.MAX_SAFE_INTEGER))
const anything = fc.oneof(text, number, fc.jsonValue())
const total = fc.record({ amount: number, currency: fc.constantFrom('EUR', 'eur', '__proto__') }, { requiredKeys: [] })
const items = fc.array(
  fc.record({ productId: fc.oneof(fc.constant('__proto__'), text), quantity: fc.oneof(number, fc.constant(1)) }),
  { maxLength: 3 },
)
const data = fc.oneof(
  fc.record(
    {
      items,
      total,
      amount: number,
      currency: fc.constant('EUR'),
      customerId: text,
      paymentMethod: fc.constantFrom('tok_visa', 'tok_declined', '__proto__'),
      paymentId: text,
      reason: fc.oneof(fc.constant('OUT_OF_STOCK'), text),
      refunded: fc.boolean(),
      saga: fc.constant('order'),
      version: fc.nat(3),
      outcome: fc.constantFrom('done', 'refused'),
      reply: fc.oneof(fc.dictionary(text, anything), fc.record({ items, total })),
    },
    { requiredKeys: ['saga', 'version', 'reason', 'items', 'customerId', 'paymentMethod'] },
  ),
  anything,
)
const type = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...types) }, { weight: 1, arbitrary: anything })
const id = fc.oneof({ weight: 5, arbitrary: fc.constantFrom('o1', 'o2') }, { weight: 2, arbitrary: text }, anything)
const body = fc.record(
  { commandID: anything, eventID: anything, orderId: id, sagaId: id, commandType: type, eventType: type, data },
  { requiredKeys: ['commandType', 'orderId', 'sagaId', 'data'] },
)
const bytes = fc.uint8Array({ maxLength: 20 })
const header = fc.record({
  name: fc.oneof(
    fc.constantFrom('ce_id', 'ce_type', 'ce_source', 'sagaid', 'traceparent', '__proto__', 'dlq_reason'),
    text,
  ),
  value: fc.oneof(
    bytes,
    text.map(value => new Uint8Array(Buffer.from(value))),
  ),
})
const value = fc.oneof(
  { weight: 8, arbitrary: body.map(value => new Uint8Array(Buffer.from(JSON.stringify(value)))) },
  { weight: 1, arbitrary: bytes },
  { weight: 1, arbitrary: fc.constant(null) },
)
const record = fc.record({ key: fc.option(bytes), value, headers: fc.array(header, { maxLength: 2 }) })

test('no record is delivered again for what it holds', { timeout: 30_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 8 }), async records => {
      const store = memoryStore(tables)
      const product = {
        productId: '__proto__',
        name: 'p',
        shelf: 'all',
        price: { amount: 7, currency: 'EUR' },
        stock: 5,
      }
      const ref = { table: 'products', key: { productId: product.productId } }
      await store.commit([{ ref, previous: undefined, item: { ...product, version: 1 } }])
      const provider = memoryProvider()
      const publisher = memoryPublisher()
      const log = memoryLog()
      const batch = records.map(
        (record, offset): IncomingRecord => ({ topic: 't', partition: 0, offset, timestamp: 0, ...record }),
      )
      for (const aggregate of aggregates) {
        const consumer = createConsumer({
          name: aggregate.type,
          aggregate,
          store,
          publisher,
          clock: { now: () => 1_000, sleep: async () => {} },
          log,
          topicOf,
          vocabulary: () => ({
            ours: new Map(aggregate.handles.map(message => [message.type, message])),
            others: new Set(types),
            owner: true,
          }),
          calls: { charge: provider.charge, cancel: provider.cancel, refund: provider.refund },
        })
        expect((await consumer.handle(batch)).map(({ error }) => error)).toEqual([])
        expect((await consumer.handle(batch)).map(({ error }) => error)).toEqual([])
      }
      // What we say ourselves is never poison to us.
      for (const { key, value, topic } of publisher.records().filter(({ topic }) => !topic.endsWith('.dlq'))) {
        expect(Buffer.from(String(key)).toString(), topic).toBe(key)
        expect(JSON.parse(String(value))).toMatchObject({ data: expect.anything() })
      }
    }),
    { numRuns: 100, seed: 1 },
  )
})
