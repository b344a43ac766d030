/** The delivery rules, on the shell with memory adapters that fail when they are told to. */
import { expect, test } from 'vitest'
import { memoryLog } from '#engine/adapters/memory/log.ts'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { RetryableError } from '#engine/model/errors.ts'
import { createConsumer } from '#engine/delivery/consumer.ts'
import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import type { CommitResult, OutgoingRecord, Store } from '#engine/model/ports.ts'
import { payment } from '../../../../lambdas/services/payment/rules.ts'
import { paymentsTable } from '../../../../lambdas/services/payment/tables.ts'
import { reservation } from '../../../../lambdas/services/product/rules.ts'
import { productsTable, reservationsTable } from '../../../../lambdas/services/product/tables.ts'
import { memoryProvider } from '../../../../localstack/sandbox/memory-provider.ts'

const clock = { now: () => 1_000, sleep: async () => {} }

async function products(stock: Record<string, number>, wrap: (store: Store) => Store = store => store) {
  const store = memoryStore([productsTable, reservationsTable])
  for (const [productId, n] of Object.entries(stock))
    await store.commit([
      {
        ref: { table: 'products', key: { productId } },
        previous: undefined,
        item: {
          productId,
          name: productId,
          shelf: 'all',
          price: { amount: 100, currency: 'EUR' },
          stock: n,
          version: 1,
        },
      },
    ])
  const publisher = memoryPublisher()
  const flaky = {
    down: false,
    publish: async (records: readonly OutgoingRecord[]) =>
      flaky.down ? Promise.reject(new RetryableError('away', { code: 'AWAY' })) : publisher.publish(records),
  }
  const ours = new Map(reservation.handles.map(message => [message.type, message]))
  const consumer = createConsumer({
    name: 'product',
    aggregate: reservation,
    store: wrap(store),
    publisher: flaky,
    clock,
    log: memoryLog(),
    topicOf: topicPerAggregateAndKind,
    vocabulary: () => ({ ours, others: new Set(), owner: true }),
  })
  const outgoing = (topic = 'products-events') => publisher.records(topic).map(record => record.headers['ce_type'])
  const inStock = async (productId = 'p') =>
    (await store.read([{ table: 'products', key: { productId } }]))[0]?.['stock']
  return { consumer, publisher, store, flaky, outgoing, inStock }
}

let offset = 0
const command = (
  commandType: string,
  orderId: string,
  data: unknown,
  more: Partial<IncomingRecord> = {},
): IncomingRecord => ({
  topic: 'products-commands',
  partition: 0,
  offset: offset++,
  timestamp: 0,
  key: Buffer.from(orderId),
  value: Buffer.from(JSON.stringify({ commandID: `c-${commandType}-${orderId}`, orderId, commandType, data })),
  headers: [],
  ...more,
})
const reserve = (orderId: string, quantity = 1, more?: Partial<IncomingRecord>) =>
  command('ProductReserveCommand', orderId, { items: [{ productId: 'p', quantity }] }, more)
const cancel = (orderId: string) => command('ProductReserveCancelCommand', orderId, { reason: 'CARD_DECLINED' })

test('orders for one product are decided on one another and committed together; who finds none left waits to be sure', async () => {
  const sizes: number[] = []
  const { consumer, outgoing, inStock } = await products({ p: 20 }, store => ({
    ...store,
    commit: async commits => (sizes.push(commits.length), store.commit(commits)),
  }))
  expect(await consumer.handle(Array.from({ length: 50 }, (_, i) => reserve(`o${i}`)))).toEqual([])
  expect(sizes).toEqual([20, 30])
  expect(outgoing().filter(type => type === 'ProductReserveConfirmationEvent')).toHaveLength(20)
  expect(await inStock()).toBe(0)
})

test('what an order was to take is there for the next one if its commit fails', async () => {
  const { consumer, outgoing, inStock } = await products({ p: 1 }, store => ({
    ...store,
    commit: async commits => {
      const others = await store.commit(commits.filter(({ ref }) => ref.key['orderId'] !== 'o1'))
      const error = new RetryableError('busy', { code: 'BUSY' })
      return commits.map(({ ref }) =>
        ref.key['orderId'] === 'o1' ? { outcome: 'failed', error } : (others.shift() as CommitResult),
      )
    },
  }))
  const batch = [reserve('o1'), reserve('o2', 1, { partition: 1 })]
  const failed = await consumer.handle(batch)
  expect(failed.map(({ record }) => record.partition)).toEqual([0])
  expect(outgoing()).toEqual(['ProductReserveConfirmationEvent'])
  expect(await inStock()).toBe(0)
})

test('fifty orders for the same product in one batch: exactly as many are held as there are', async () => {
  const { consumer, outgoing, inStock } = await products({ p: 20 })
  expect(await consumer.handle(Array.from({ length: 50 }, (_, i) => reserve(`o${i}`)))).toEqual([])
  expect(await inStock()).toBe(0)
  expect(outgoing().filter(type => type === 'ProductReserveConfirmationEvent')).toHaveLength(20)
  expect(outgoing().filter(type => type === 'ProductReserveFailedEvent')).toHaveLength(30)
})

test('the same batch twice says the same twice and takes the stock once', async () => {
  const { consumer, publisher, inStock } = await products({ p: 5 })
  const batch = [reserve('o1', 2), reserve('o2', 1)]
  await consumer.handle(batch)
  const first = publisher.records('products-events').map(record => record.value)
  await consumer.handle(batch)
  expect(
    publisher
      .records('products-events')
      .slice(first.length)
      .map(record => record.value),
  ).toEqual(first)
  expect(await inStock()).toBe(2)
})

test('a cancel that comes before its reserve leaves a tombstone: the late reserve takes nothing', async () => {
  const { consumer, outgoing, inStock } = await products({ p: 5 })
  await consumer.handle([cancel('o1')])
  await consumer.handle([reserve('o1')])
  expect(outgoing()).toEqual([
    'ProductReserveCancelledEvent',
    'ProductReserveFailedEvent',
    'ProductReserveCancelledEvent',
  ])
  expect(await inStock()).toBe(5)
})

test('reserve and cancel in one batch fold into one commit that touches no stock', async () => {
  const { consumer, outgoing, inStock, store } = await products({ p: 5 })
  await consumer.handle([reserve('o1', 3), cancel('o1')])
  expect(await inStock()).toBe(5)
  expect(store.items('reservations')).toMatchObject([{ status: 'CANCELLED', version: 1 }])
  expect(outgoing()).toEqual(['ProductReserveConfirmationEvent', 'ProductReserveCancelledEvent'])
})

test('nothing is acknowledged before what it caused is published', async () => {
  const { consumer, flaky, outgoing, inStock } = await products({ p: 5 })
  const batch = [reserve('o1')]
  flaky.down = true
  expect(await consumer.handle(batch)).toHaveLength(1)
  expect(await inStock()).toBe(4)
  flaky.down = false
  expect(await consumer.handle(batch)).toEqual([])
  expect(await inStock()).toBe(4)
  expect(outgoing()).toEqual(['ProductReserveConfirmationEvent'])
})

test('a key that fails is delivered again from its first failed record on, and no other key of its partition waits', async () => {
  const failing = (store: Store): Store => ({
    ...store,
    commit: async commits => {
      const results = await store.commit(commits.filter(commit => commit.ref.key['orderId'] !== 'o2'))
      return commits.map(commit =>
        commit.ref.key['orderId'] === 'o2'
          ? { outcome: 'failed', error: new RetryableError('throttled', { code: 'THROTTLED' }) }
          : (results.shift() as never),
      )
    },
  })
  const { consumer } = await products({ p: 50 }, failing)
  const batch = [reserve('o1'), reserve('o2'), reserve('o3'), reserve('o2', 2), reserve('o4', 1, { partition: 1 })]
  const failed = await consumer.handle(batch)
  expect(failed.map(({ record }) => record)).toEqual([batch[1], batch[3]])
})

test('poison goes to the dead letters with its bytes, key and headers, and the rest of the batch goes on', async () => {
  const { consumer, publisher, outgoing } = await products({ p: 5 })
  const headers = [{ name: 'x-custom', value: Buffer.from('kept') }]
  const poison = { ...reserve('o0'), value: Buffer.from('{'), headers, offset: 4711 }
  expect(await consumer.handle([poison, reserve('o1')])).toEqual([])
  const [dead] = publisher.records('products-commands.dlq')
  expect(dead).toMatchObject({ value: poison.value, key: poison.key })
  expect(dead?.keptHeaders).toEqual(headers)
  expect(dead?.headers).toMatchObject({
    dlq_reason: 'NOT_JSON',
    dlq_topic: 'products-commands',
    dlq_partition: '0',
    dlq_offset: '4711',
    dlq_timestamp: '0',
    dlq_consumer: 'product',
    dlq_attempts: '1',
  })
  expect(outgoing()).toEqual(['ProductReserveConfirmationEvent'])
})

test('a record whose dead letter cannot be written is delivered again', async () => {
  const { consumer, flaky } = await products({ p: 5 })
  flaky.down = true
  expect(await consumer.handle([{ ...reserve('o0'), value: Buffer.from('{') }])).toHaveLength(1)
})

test('a lost condition is decided on again with what is there', async () => {
  let raced = false
  const racing = (store: Store): Store => ({
    ...store,
    commit: async commits => {
      if (!raced) {
        raced = true
        const productId = 'p'
        const [product] = await store.read([{ table: 'products', key: { productId } }])
        if (product)
          await store.writeRows([{ ref: { table: 'products', key: { productId } }, item: { ...product, stock: 0 } }])
      }
      return store.commit(commits)
    },
  })
  const { consumer, outgoing } = await products({ p: 1 }, racing)
  expect(await consumer.handle([reserve('o1')])).toEqual([])
  expect(outgoing()).toEqual(['ProductReserveFailedEvent', 'ProductReserveCancelledEvent'])
})

function payments(provider = memoryProvider()) {
  const store = memoryStore([paymentsTable])
  const publisher = memoryPublisher()
  const ours = new Map(payment.handles.map(message => [message.type, message]))
  const consumer = createConsumer({
    name: 'payment',
    aggregate: payment,
    store,
    publisher,
    clock,
    log: memoryLog(),
    topicOf: topicPerAggregateAndKind,
    vocabulary: () => ({ ours, others: new Set(), owner: true }),
    calls: { charge: provider.charge, cancel: provider.cancel, refund: provider.refund },
  })
  const outgoing = () =>
    publisher
      .records('payments-events')
      .map(record => [record.headers['ce_type'], JSON.parse(String(record.value)).data])
  return { consumer, provider, store, outgoing }
}
const pay = (orderId: string, paymentMethod = 'tok_visa') =>
  command(
    'PaymentProcessCommand',
    orderId,
    { amount: 500, currency: 'EUR', paymentMethod },
    { topic: 'payments-commands' },
  )
const giveBack = (orderId: string) =>
  command('PaymentVoidCommand', orderId, { reason: 'TIMED_OUT' }, { topic: 'payments-commands' })

test('a charge: intent, call, captured; the token is forgotten', async () => {
  const { consumer, store, outgoing, provider } = payments()
  await consumer.handle([pay('o1'), pay('o2', 'tok_declined')])
  expect(outgoing()).toEqual([
    ['PaymentProcessSuccessfulEvent', { paymentId: expect.any(String) }],
    ['PaymentFailedEvent', { reason: 'CARD_DECLINED' }],
  ])
  expect(store.items('payments').map(item => [item['status'], item['version'], item['paymentMethod']])).toEqual([
    ['CAPTURED', 2, undefined],
    ['DECLINED', 2, undefined],
  ])
  expect(provider.charges()).toMatchObject([
    { orderId: 'o1', status: 'CAPTURED' },
    { orderId: 'o2', status: 'DECLINED' },
  ])
})

test('a charge and its void in one batch: charged, then refunded, and both are answered', async () => {
  const { consumer, outgoing, provider } = payments()
  await consumer.handle([pay('o1'), giveBack('o1')])
  expect(outgoing().map(([type]) => type)).toEqual(['PaymentProcessSuccessfulEvent', 'PaymentVoidedEvent'])
  expect(provider.charges()).toMatchObject([{ status: 'REFUNDED' }])
})

test('a void before its charge leaves a tombstone: the late charge never reaches the provider', async () => {
  const { consumer, outgoing, provider } = payments()
  await consumer.handle([giveBack('o1')])
  await consumer.handle([pay('o1')])
  expect(outgoing()).toEqual([
    ['PaymentVoidedEvent', { refunded: false }],
    ['PaymentFailedEvent', { reason: 'CANCELLED' }],
  ])
  expect(provider.charges()).toEqual([])
})

test('an unknown charge is acknowledged and waits at its intent; its void is final even if the charge lands later', async () => {
  const { consumer, store, outgoing, provider } = payments()
  provider.setMode('hang')
  expect(await consumer.handle([pay('o1')])).toEqual([])
  expect(store.items('payments')).toMatchObject([{ status: 'INTENT' }])
  provider.setMode('up')
  await consumer.handle([giveBack('o1')])
  expect(outgoing()).toEqual([['PaymentVoidedEvent', { refunded: true }]])
  expect(provider.charges()).toMatchObject([{ status: 'REFUNDED' }])
})

test('a provider that is away: the record is delivered again, and charged once when it is back', async () => {
  const { consumer, outgoing, provider } = payments()
  const batch = [pay('o1')]
  provider.setMode('down')
  expect(await consumer.handle(batch)).toHaveLength(1)
  provider.setMode('up')
  expect(await consumer.handle(batch)).toEqual([])
  expect(outgoing()).toHaveLength(1)
  expect(provider.charges()).toHaveLength(1)
})
