import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { drained, groupsOf, produce, type Produced, type Read, readAll, topicsOf } from '../support/broker-client.ts'
import { type EndedOrder, HttpClient, Operator } from '../support/http-client.ts'
import { launch, nothingLeft, type System, tellWhenFailed } from '../support/system.ts'
import { allItems } from '../support/table-items.ts'
import { usersAfterScenarios } from '../support/users.ts'
import { until } from '../support/until.ts'

/** What is on the topics, read and written by a Kafka client that knows only `messages.md`. */
const TOPICS = [
  'orders-commands',
  'orders-events',
  'payments-commands',
  'payments-events',
  'products-commands',
  'products-events',
  'saga-commands',
  'saga-control',
  'saga-events',
]
const DEAD_LETTERS = TOPICS.map(topic => `${topic}.dlq`)

let system: System
let operator: Operator
let alice: HttpClient

beforeAll(async () => {
  system = await launch()
  // One of the scenarios' payments is delivered again, and with it whatever is behind it on its partition: not ours, then.
  ;({ operator, alice } = await usersAfterScenarios(system))
})
beforeEach(tellWhenFailed(() => system))
afterAll(() => system.destroy())

test('there is a topic for each aggregate and kind, control, a dead-letter topic for each, and a group for each consumer and topic', async () => {
  expect(await topicsOf(system.brokers)).toEqual([...TOPICS, ...DEAD_LETTERS].sort())
  expect((await groupsOf(system.brokers)).map(({ groupId }) => groupId).sort()).toEqual(
    [
      'order-saga.orders-events',
      'order-saga.payments-events',
      'order-saga.products-events',
      'order-saga.saga-control',
      'order.orders-commands',
      'customer.saga-commands',
      ...DEAD_LETTERS.map(topic => `dead-letters.${topic}`),
      'payment.payments-commands',
      'policy.saga-commands',
      'product.products-commands',
      'quote.saga-commands',
      'quote.saga-events',
      'quoting-saga.saga-control',
      'quoting-saga.saga-events',
    ].sort(),
  )
})

describe('the messages of an order', () => {
  const order = (lines: object[], pay: string) => ({ customerId: 'alice', items: lines, paymentMethod: pay })
  const two = (a: string, n: number, b: string, m: number) => [
    { productId: a, quantity: n },
    { productId: b, quantity: m },
  ]

  test('that is approved are exactly seven, to the letter', async () => {
    await operator.product('m-tea', 10, 350)
    await operator.product('m-mug', 10, 900)
    const { records } = await placeAndRead({ 'm-tea': 2, 'm-mug': 1 }, 'tok_visa')
    const items = two('m-tea', 2, 'm-mug', 1)
    const total = { amount: 1600, currency: 'EUR' }
    expectMessages(records, [
      ['orders-events', 'OrderCreatedEvent', order(items, 'tok_visa')],
      ['products-commands', 'ProductReserveCommand', { items }],
      ['products-events', 'ProductReserveConfirmationEvent', { items, total }],
      ['payments-commands', 'PaymentProcessCommand', { ...total, paymentMethod: 'tok_visa' }],
      ['payments-events', 'PaymentProcessSuccessfulEvent', { paymentId: expect.stringMatching(/./) }],
      ['orders-commands', 'OrderApprovedCommand', { total }],
      ['orders-events', 'OrderApprovedEvent', {}],
    ])
  })

  test('that is out of stock are a refusal, its cancellation unasked, and the rejection', async () => {
    await operator.product('m-few', 1, 350)
    await operator.product('m-many', 10, 900)
    const { records } = await placeAndRead({ 'm-many': 1, 'm-few': 2 }, 'tok_visa')
    const items = two('m-many', 1, 'm-few', 2)
    const reason = 'OUT_OF_STOCK'
    expectMessages(records, [
      ['orders-events', 'OrderCreatedEvent', order(items, 'tok_visa')],
      ['products-commands', 'ProductReserveCommand', { items }],
      ['products-events', 'ProductReserveFailedEvent', { reason, productId: 'm-few' }],
      ['products-events', 'ProductReserveCancelledEvent', { reason }, 'ProductReserveCommand'],
      ['orders-commands', 'OrderRejectCommand', { reason }],
      ['orders-events', 'OrderRejectedEvent', { reason }],
    ])
  })

  test('that is declined give the stock back before the rejection', async () => {
    await operator.product('m-one', 10, 350)
    const { records } = await placeAndRead({ 'm-one': 3 }, 'tok_declined')
    const items = [{ productId: 'm-one', quantity: 3 }]
    const total = { amount: 1050, currency: 'EUR' }
    const reason = 'CARD_DECLINED'
    expectMessages(records, [
      ['orders-events', 'OrderCreatedEvent', order(items, 'tok_declined')],
      ['products-commands', 'ProductReserveCommand', { items }],
      ['products-events', 'ProductReserveConfirmationEvent', { items, total }],
      ['payments-commands', 'PaymentProcessCommand', { ...total, paymentMethod: 'tok_declined' }],
      ['payments-events', 'PaymentFailedEvent', { reason }],
      ['products-commands', 'ProductReserveCancelCommand', { reason }],
      ['products-events', 'ProductReserveCancelledEvent', { reason }],
      ['orders-commands', 'OrderRejectCommand', { reason }],
      ['orders-events', 'OrderRejectedEvent', { reason }],
    ])
    expect(await alice.stockOf('m-one')).toBe(10)
  })
})

describe('messages of others, without headers and keys', () => {
  test('an OrderCreatedEvent of an order that the API never saw is fulfilled', async () => {
    await operator.product('f-tea', 10, 350)
    const data = { customerId: 'frida', items: [{ productId: 'f-tea', quantity: 4 }], paymentMethod: 'tok_visa' }
    const event = {
      eventID: 'event-f1',
      orderId: 'foreign-1',
      eventType: 'OrderCreatedEvent',
      data,
      extra: { more: 1 },
    }
    await produce(system.brokers, [{ topic: 'orders-events', value: JSON.stringify(event) }])
    const order = await operator.end('foreign-1')
    expect(order).toMatchObject({
      status: 'APPROVED',
      total: { amount: 1400, currency: 'EUR' },
      history: ['CREATED', 'APPROVED'],
    })
    expect(await alice.stockOf('f-tea')).toBe(6)
    expect(await operator.chargesOf('foreign-1')).toEqual([{ amount: 1400, currency: 'EUR', status: 'CAPTURED' }])
    // It is nobody's here: an operator may read it, another customer may not.
    expect((await alice.get('/orders/foreign-1')).status).toBe(404)
    await drained(system.brokers)
    const of = (await readAll(system.brokers, TOPICS)).filter(record => idIn(record) === 'foreign-1')
    expect(of).toHaveLength(7)
    for (const record of of.filter(({ headers }) => 'ce_id' in headers))
      expect(record.key?.toString()).toBe('foreign-1')
  })

  test('replies of another product and payment service drive the saga', async () => {
    await operator.product('f-mug', 10, 100)
    for (const name of ['product', 'payment']) await operator.pause(name)
    try {
      const orderId = await alice.place({ 'f-mug': 1 }, 'tok_visa')
      await message(orderId, 'ProductReserveCommand')
      const total = { amount: 777, currency: 'EUR' }
      const items = [{ productId: 'f-mug', quantity: 1 }]
      await say('products-events', {
        eventID: 'p-1',
        orderId,
        eventType: 'ProductReserveConfirmationEvent',
        data: { items, total },
      })
      const asked = await message(orderId, 'PaymentProcessCommand')
      expect(bodyOf(asked).data).toEqual({ ...total, paymentMethod: 'tok_visa' })
      await say('payments-events', {
        eventID: 'p-2',
        orderId,
        eventType: 'PaymentProcessSuccessfulEvent',
        data: { paymentId: 'elsewhere' },
      })
      expect(await alice.end(orderId)).toMatchObject({ status: 'APPROVED', total })
    } finally {
      for (const name of ['product', 'payment']) await operator.resume(name)
    }
    // Our own services handle the commands late, and their replies are no news.
    await drained(system.brokers)
  })

  test('every message of ended orders once more, with and without its headers, and replies to sagas that nobody knows: no item changes, no charge, no dead letter', async () => {
    await operator.product('d-tea', 10, 350)
    const ends = await Promise.all([
      placeAndRead({ 'd-tea': 1 }, 'tok_visa'),
      placeAndRead({ 'd-tea': 1 }, 'tok_declined'),
      placeAndRead({ 'd-tea': 99 }, 'tok_visa'),
    ])
    const records = ends.flatMap(end => end.records)
    const before = { items: await allItems(system.endpoint), charges: await operator.charges() }
    const letters = (await readAll(system.brokers, DEAD_LETTERS)).length
    await produce(system.brokers, [
      ...records.map(({ topic, key, value, headers }): Produced => ({ topic, key, value, headers })),
      ...records.map(({ topic, value }): Produced => ({ topic, value })),
    ])
    const unknown = { orderId: 'never-heard-of' }
    const data = { items: [{ productId: 'd-tea', quantity: 1 }], total: { amount: 1, currency: 'EUR' } }
    await say('products-events', { eventID: 'u-1', ...unknown, eventType: 'ProductReserveConfirmationEvent', data })
    await say('products-events', {
      eventID: 'u-2',
      ...unknown,
      eventType: 'ProductReserveFailedEvent',
      data: { reason: 'OUT_OF_STOCK' },
    })
    await say('products-events', {
      eventID: 'u-3',
      ...unknown,
      eventType: 'ProductReserveCancelledEvent',
      data: { reason: 'OUT_OF_STOCK' },
    })
    await say('payments-events', {
      eventID: 'u-4',
      ...unknown,
      eventType: 'PaymentProcessSuccessfulEvent',
      data: { paymentId: 'p' },
    })
    await say('payments-events', {
      eventID: 'u-5',
      ...unknown,
      eventType: 'PaymentFailedEvent',
      data: { reason: 'CARD_DECLINED' },
    })
    await say('payments-events', {
      eventID: 'u-6',
      ...unknown,
      eventType: 'PaymentVoidedEvent',
      data: { refunded: false },
    })
    await say('orders-events', { eventID: 'u-7', ...unknown, eventType: 'OrderApprovedEvent', data: {} })
    await say('orders-events', { eventID: 'u-8', ...unknown, eventType: 'OrderRejectedEvent', data: { reason: 'X' } })
    await drained(system.brokers)
    expect({ items: await allItems(system.endpoint), charges: await operator.charges() }).toEqual(before)
    expect(await readAll(system.brokers, DEAD_LETTERS)).toHaveLength(letters)
  })
})

describe('what can’t be read', () => {
  const big = 900 * 1024
  /** Of each topic, one type that its consumer knows, and data that suits it. */
  const known: Record<string, [type: string, data: object]> = {
    'orders-events': ['OrderRejectedEvent', { reason: 'X' }],
    'orders-commands': ['OrderRejectCommand', { reason: 'X' }],
    'products-commands': ['ProductReserveCancelCommand', { reason: 'X' }],
    'products-events': ['ProductReserveCancelledEvent', { reason: 'X' }],
    'payments-commands': ['PaymentVoidCommand', { reason: 'X' }],
    'payments-events': ['PaymentFailedEvent', { reason: 'X' }],
    'saga-commands': ['RejectQuote', { reason: 'X' }],
    'saga-events': ['QuoteRejected', { reason: 'X' }],
    'saga-control': ['SagaWakeUp', { saga: 'order', version: 1 }],
  }
  const kindOf = (topic: string) => (/commands|control/.test(topic) ? 'command' : 'event')
  const typed = (topic: string, type: unknown, more: object) => ({ [`${kindOf(topic)}Type`]: type, ...more })

  /** What must end in the dead letters, whatever the topic. */
  function garbageFor(topic: string): Produced[] {
    const [type, data] = known[topic] ?? ['', {}]
    const headers = { 'x-mine': 'kept', ce_type: type }
    return [
      { topic, key: 'g-1', value: 'this is not JSON' },
      { topic, key: 'g-2', value: Buffer.from([0xff, 0xfe, 0x00, 0x80]), headers },
      { topic, key: 'g-3', value: '' },
      { topic, key: 'g-4', value: '[1,2,3]', headers: { 'x-mine': 'kept' } },
      { topic, key: 'g-5', value: '"text"' },
      { topic, key: 'g-6', value: '42' },
      { topic, key: 'g-7', value: 'null' },
      { topic, key: 'g-8', value: '{}' },
      { topic, key: 'g-9', value: JSON.stringify(typed(topic, 'NobodyKnowsThis', { orderId: 'g-9', data: {} })) },
      { topic, value: JSON.stringify(typed(topic, 7, { orderId: 'g-10', data })) },
      // No id anywhere: no key, no header, no field.
      { topic, value: JSON.stringify(typed(topic, type, { data })) },
      { topic, key: 'g-12', value: JSON.stringify(typed(topic, type, { orderId: 'g-12', data: 'no object' })) },
      { topic, key: 'g-13', value: 'x'.repeat(big), headers: { 'x-mine': 'kept' } },
      { topic, key: 'g-14', value: null, headers: { 'x-mine': 'kept' } },
    ]
  }

  test('goes to the topic’s dead letters once, with its own bytes, key and headers and all that tells whence; what can be handled is; every partition goes on', async () => {
    const before = await readAll(system.brokers, DEAD_LETTERS)
    const sent = TOPICS.flatMap(topic => garbageFor(topic)).map((record, i) => ({ ...record, partition: i % 3 }))
    // 900 KB that are good: only more than anybody needs.
    const large = TOPICS.map((topic): Produced => {
      const [type, data] = known[topic] ?? ['', {}]
      const body = { orderId: 'g-large', sagaId: 'g-large', data: { ...data, padding: 'x'.repeat(big) } }
      return { topic, key: 'g-large', value: JSON.stringify(typed(topic, type, body)) }
    })
    const places = await produce(system.brokers, [...sent, ...large])
    await drained(system.brokers)
    const letters = (await readAll(system.brokers, DEAD_LETTERS)).slice(0)
    const fresh = letters.filter(
      letter =>
        !before.some(
          old => old.topic === letter.topic && old.partition === letter.partition && old.offset === letter.offset,
        ),
    )
    for (const [i, record] of sent.entries()) {
      const { topic, partition, offset } = places[i] ?? { topic: '', partition: -1, offset: -1 }
      const about = `${topic} ${partition}@${offset} ${String(record.key)} ${String(record.value).slice(0, 60)}`
      const own = fresh.filter(
        ({ headers }) =>
          headers['dlq_topic'] === topic &&
          headers['dlq_partition'] === String(partition) &&
          headers['dlq_offset'] === String(offset),
      )
      expect(own, about).toHaveLength(1)
      const [letter] = own
      expect(letter?.topic, about).toBe(`${topic}.dlq`)
      expect(letter?.key?.toString() ?? null, about).toBe(record.key ?? null)
      expect(letter?.value === null ? null : letter?.value?.equals(Buffer.from(record.value ?? '')), about).toBe(
        record.value === null ? null : true,
      )
      expect(letter?.headers, about).toMatchObject({
        ...record.headers,
        dlq_reason: expect.stringMatching(/^[A-Z_]+$/),
        dlq_error: expect.stringMatching(/./),
        dlq_timestamp: expect.stringMatching(/^\d{13}$/),
        dlq_consumer: expect.stringMatching(/./),
        dlq_attempts: expect.stringMatching(/^\d+$/),
      })
    }
    expect(fresh).toHaveLength(sent.length)

    // A good order on each partition of every topic.
    await operator.product('g-tea', 100, 100)
    const ids = await Promise.all(Array.from({ length: 12 }, () => alice.place({ 'g-tea': 1 }, 'tok_visa')))
    const ended = await Promise.all(ids.map(orderId => alice.end(orderId)))
    expect(ended.map(({ status }) => status)).toEqual(ids.map(() => 'APPROVED'))
    expect(await alice.stockOf('g-tea')).toBe(88)
  })
})

test('it ends on Ctrl-C, which its whole group gets, with code 0 and leaves no process, no port and no folder behind', async () => {
  expect(await system.stop('SIGINT')).toEqual({ code: 0, ...nothingLeft })
})

async function placeAndRead(
  lines: Record<string, number>,
  pay: string,
): Promise<{ order: EndedOrder; records: Read[] }> {
  const orderId = await alice.place(lines, pay)
  const order = await alice.end(orderId)
  await drained(system.brokers)
  const records = (await readAll(system.brokers, TOPICS)).filter(({ key }) => key?.toString() === orderId)
  return { order, records }
}

type Expected = [topic: string, type: string, data: object, causedBy?: string]

/** One record each, in the order in which one caused the other; unless told, each was caused by the one before it. */
function expectMessages(records: readonly Read[], expected: readonly Expected[]) {
  const found = expected.map(([topic, type]) =>
    records.find(record => record.topic === topic && typeIn(record) === type),
  )
  expect(found.map(record => record && typeIn(record))).toEqual(expected.map(([, type]) => type))
  const told = records.map(record => `${record.topic} ${typeIn(record)} ${record.headers['ce_id']}`)
  expect(told, told.join('\n')).toHaveLength(expected.length)
  const ids = new Map(found.map(record => [record && typeIn(record), record?.headers['ce_id']]))
  expect(new Set(ids.values()).size).toBe(expected.length)
  const orderId = records[0]?.key?.toString() ?? ''
  const partitionOf = new Map<string, number>()
  for (const [i, [topic, type, data, causedBy = expected[i - 1]?.[1]]] of expected.entries()) {
    const record = found[i]
    if (!record) throw new Error(`no ${type}`)
    const kind = type.endsWith('Command') ? 'command' : 'event'
    const { headers } = record
    expect(bodyOf(record)).toEqual({ [`${kind}ID`]: headers['ce_id'], orderId, [`${kind}Type`]: type, data })
    expect(record.key?.toString()).toBe(orderId)
    expect(headers).toMatchObject({
      ce_id: expect.stringMatching(/./),
      ce_type: type,
      ce_source: expect.stringMatching(/./),
      ce_specversion: '1.0',
      ce_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
      ce_subject: orderId,
      'content-type': 'application/json',
      sagaid: orderId,
      // One trace, from what came over HTTP to the end.
      traceparent: expect.stringMatching(new RegExp(`^00-${traceIn(found[0])}-[0-9a-f]{16}-01$`)),
    })
    // What came over HTTP was caused by no message.
    expect(headers['causationid'], type).toBe(causedBy === undefined ? undefined : ids.get(causedBy))
    expect(partitionOf.get(topic) ?? record.partition).toBe(record.partition)
    partitionOf.set(topic, record.partition)
  }
  for (const topic of partitionOf.keys()) {
    const offsets = found.filter(record => record?.topic === topic).map(record => record?.offset ?? -1)
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
  }
}

interface Body {
  readonly commandType?: string
  readonly eventType?: string
  readonly orderId?: string
  readonly data?: unknown
}
const bodyOf = ({ value }: Read) => JSON.parse(value?.toString() ?? 'null') as Body
const traceIn = (record: Read | undefined) => record?.headers['traceparent']?.split('-')[1]
const typeIn = (record: Read) => bodyOf(record).commandType ?? bodyOf(record).eventType
const idIn = (record: Read) => bodyOf(record).orderId

const say = (topic: string, body: object) => produce(system.brokers, [{ topic, value: JSON.stringify(body) }])

/** The record of an order with this type, once it is there. */
const message = (orderId: string, type: string) =>
  until(`${type} of ${orderId}`, 60_000, async () => {
    const records = await readAll(system.brokers, TOPICS)
    return records.find(record => idIn(record) === orderId && typeIn(record) === type)
  })
