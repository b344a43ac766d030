/** Services of others, each of which numbers its messages from 1 under its own `ce_source`, and others that write numbers. */
import { beforeEach, describe, expect, test } from 'vitest'
import { parseRecord, positionId } from '#engine/delivery/envelope.ts'
import { asItWas } from '../../../../lambdas/platform/dead-letters/redriver.ts'
import { ProductReserveCommand } from '../../../../lambdas/services/product/contract.ts'
import { readBack, record } from '../../../support/dead-letters.ts'
import { gatewayTo } from '../../../support/http.ts'
import { quotingSystem, smallSystem } from '../small-system.ts'

const operator = { sub: 'olga', groups: 'operators' }
const price = { amount: 100, currency: 'EUR' }
const items = [{ productId: 'p1', quantity: 1 }]

let system: ReturnType<typeof smallSystem>
let call: ReturnType<typeof gatewayTo>
beforeEach(async () => {
  system = smallSystem()
  call = gatewayTo(system.app)
  await call({ method: 'POST', path: '/products', body: { productId: 'p1', name: 'p1', price, stock: 9 }, ...operator })
})

const order = async () =>
  (await call({ method: 'POST', path: '/orders', body: { items, paymentMethod: 'tok_visa' } })).body.orderId as string
const statusOf = async (orderId: string) => (await call({ path: `/orders/${orderId}` })).body.status

interface Theirs {
  readonly topic: string
  readonly source?: string
  readonly id: string
  readonly type: string
  readonly orderId: string
  readonly data?: object
}
/** Number `id` of the service `source`, without any other header of ours. */
async function from({ topic, source, id, type, orderId, data = {} }: Theirs) {
  const [idField, typeField] = topic.endsWith('-commands') ? ['commandID', 'commandType'] : ['eventID', 'eventType']
  const value = JSON.stringify({ [idField]: id, orderId, [typeField]: type, data })
  const headers: Record<string, string> = source === undefined ? {} : { ce_source: source }
  await system.send([{ topic, key: orderId, value, headers }], { atOnce: 1, most: 100 })
}
const publishedOn = (topic: string) => system.records().filter(record => record.topic === topic)
const dead = () => system.records().filter(record => record.topic.endsWith('.dlq'))

describe('two services that number their messages from 1', () => {
  const stock = (id: string, orderId: string) =>
    from({
      topic: 'products-events',
      source: '/stock',
      id,
      type: 'ProductReserveConfirmationEvent',
      orderId,
      data: { items, total: price },
    })
  const paid = (orderId: string, source = '/pay') =>
    from({
      topic: 'payments-events',
      source,
      id: '1',
      type: 'PaymentProcessSuccessfulEvent',
      orderId,
      data: { paymentId: 'theirs' },
    })

  test('answer one saga, and neither reply is taken for the other', async () => {
    system.pause('product')
    system.pause('payment')
    const orderId = await order()
    await stock('1', orderId)
    await paid(orderId)
    expect(await statusOf(orderId)).toBe('APPROVED')
    // What they caused names them by the id that they gave.
    expect(publishedOn('payments-commands').map(({ headers }) => headers['causationid'])).toEqual(['1'])
  })
  test('are shown in the saga by the ids that they gave', async () => {
    system.pause('product')
    const orderId = await order()
    await stock('17', orderId)
    const [saga] = await system.store.read([{ table: 'sagas', key: { sagaKey: `order:${orderId}` } }])
    expect(JSON.parse(saga?.['timeline'] as string)[1]).toContain('17')
    const logged = system.log.lines.filter(({ fields }) => fields?.['type'] === 'ProductReserveConfirmationEvent')
    expect(logged.map(({ fields }) => fields?.['messageId'])).toEqual(['17'])
  })
  test('and come twice: each is handled once, and what it caused is published again, byte for byte', async () => {
    system.pause('product')
    system.pause('payment')
    const orderId = await order()
    await stock('1', orderId)
    await stock('1', orderId)
    const outgoing = publishedOn('payments-commands')
    expect(outgoing).toHaveLength(2)
    expect(outgoing[1]).toEqual({ ...outgoing[0], offset: outgoing[1]?.offset })
  })

  const command = (id: string, source: string | undefined, type: 'PaymentProcessCommand' | 'PaymentVoidCommand') =>
    from({
      topic: 'payments-commands',
      ...(source !== undefined && { source }),
      id,
      type,
      orderId: 'theirs',
      data: type === 'PaymentVoidCommand' ? { reason: 'CHANGED' } : { ...price, paymentMethod: 'tok_visa' },
    })
  const charges = () => system.provider.charges().map(({ status }) => status)

  test('a charge of one and the void of another: the money goes back', async () => {
    await command('1', '/shop', 'PaymentProcessCommand')
    await command('1', '/returns', 'PaymentVoidCommand')
    expect(charges()).toEqual(['REFUNDED'])
  })
  test('of one source, a charge and a void of one number are two messages too', async () => {
    await command('1', '/shop', 'PaymentProcessCommand')
    await command('1', '/shop', 'PaymentVoidCommand')
    expect(charges()).toEqual(['REFUNDED'])
  })
  test('without a source, one id is one message, as ever', async () => {
    await command('1', undefined, 'PaymentProcessCommand')
    await command('1', undefined, 'PaymentVoidCommand')
    expect(charges()).toEqual(['CAPTURED'])
  })
})

test('numbers that two services set for a customer, each its first, are both set', async () => {
  const quoting = quotingSystem('orchestration')
  const ask = gatewayTo(quoting.app)
  for (const customerId of ['c1', 'c2'])
    await ask({ method: 'POST', path: '/customers', body: { customerId, name: customerId }, ...operator })
  const set = (customerId: string, policyCount: number, source: string) => ({
    topic: 'saga-commands',
    key: null,
    value: JSON.stringify({
      commandID: '1',
      customerId,
      commandType: 'UpdateCustomerPolicyCount',
      data: { policyCount },
    }),
    headers: { ce_source: source },
  })
  const records = [set('c1', 5, '/north'), set('c2', 7, '/south'), set('c1', 5, '/north')]
  await quoting.send(records, { atOnce: 1, most: 100 })
  const countOf = async (id: string) => (await ask({ path: `/customers/${id}`, ...operator })).body.policyCount
  expect([await countOf('c1'), await countOf('c2')]).toEqual([5, 7])
})

test('an event store takes in what two services number alike, shows it as they published it, and each once', async () => {
  const quoting = quotingSystem('event-sourcing')
  const ask = gatewayTo(quoting.app)
  await ask({ method: 'POST', path: '/customers', body: { customerId: 'c1', name: 'c1' }, ...operator })
  quoting.pause('policy')
  await ask({ method: 'POST', path: '/quotes', body: { quoteID: 'q1', premium: 100, customerId: 'c1' } })
  await ask({ method: 'POST', path: '/quotes/q1/approve' })
  const event = (source: string, eventType: string, more: object) => ({
    topic: 'saga-events',
    key: 'q1',
    value: JSON.stringify({ eventID: '1', eventType, ...more }),
    headers: { ce_source: source },
  })
  const created = event('/policies', 'PolicyCreated', { policyID: 'p1', data: { quoteID: 'q1', customerId: 'c1' } })
  const cancelled = event('/returns', 'PolicyCancelled', {
    policyID: 'p1',
    data: { quoteID: 'q1', customerId: 'c1', reason: 'theirs' },
  })
  await quoting.send([created, cancelled, created, cancelled], { atOnce: 1, most: 100 })
  const { items } = (await ask({ path: '/quotes/q1/events' })).body as { items: Record<string, unknown>[] }
  const theirs = items.filter(({ eventID }) => eventID === '1')
  expect(theirs.map(({ eventType }) => eventType)).toEqual(['PolicyCreated', 'PolicyCancelled'])
  expect(theirs[0]).not.toHaveProperty('identity')
})

describe('a record that comes back from the dead letters is the message that it was', () => {
  const vocabulary = {
    ours: new Map([[ProductReserveCommand.type, ProductReserveCommand]]),
    others: new Set<string>(),
    owner: true,
  }
  const parsedAs = (of: Parameters<typeof parseRecord>[0]) => {
    const parsed = parseRecord(of, vocabulary)
    return parsed.kind === 'message' ? parsed.message.id : parsed
  }
  const value = (more: object) =>
    JSON.stringify({ orderId: 'o1', commandType: 'ProductReserveCommand', data: { items }, ...more })
  test.each([
    ['with an id in the body', { commandID: '1' }, {}],
    ['with an id in a header', {}, { CE_ID: '1' }],
    ['without an id', {}, {}],
  ])('%s and a source', (_, more, headers) => {
    const first = record({
      topic: 'products-commands',
      offset: 5,
      value: value(more),
      headers: { ...headers, ce_source: '/shop' },
    })
    const back = readBack(asItWas(first), 99)
    expect(parsedAs(back)).toEqual(parsedAs(first))
    expect(parsedAs(first)).toEqual(expect.any(String))
    expect(
      parsedAs(record({ ...first, key: 'o1', value: value(more), headers: { ...headers, ce_source: '/other' } })),
    ).not.toBe(parsedAs(first))
  })
  test('with an id that is no text, byte for byte', () => {
    const first = { ...record({ value: value({}) }), headers: [{ name: 'ce_id', value: Buffer.from([0xff]) }] }
    expect(asItWas(first).headers).not.toHaveProperty('ce_id')
    expect(asItWas(first).keptHeaders).toEqual(first.headers)
    expect(parsedAs(readBack(asItWas(first), 99))).toEqual(parsedAs(first))
    expect(parsedAs(first)).toBe('bytes:_w')
    expect(positionId(first)).toBe('orders-commands-0@0')
  })
})

describe('two orders that have numbers for ids, under one record key', () => {
  test.each([
    [41, 42],
    [null, null],
    [[41], [42]],
    ['', ''],
  ])('%j and %j are two dead letters, and no charge', async (...ids) => {
    system.expectDeadLetters(2)
    for (const orderId of ids) {
      const data = { ...price, paymentMethod: 'tok_visa' }
      const value = JSON.stringify({
        commandID: `c-${JSON.stringify(orderId)}`,
        orderId,
        commandType: 'PaymentProcessCommand',
        data,
      })
      await system.send([{ topic: 'payments-commands', key: 'batch', value, headers: {} }], { atOnce: 1, most: 100 })
    }
    expect(system.provider.charges()).toEqual([])
    expect(dead().map(({ headers }) => headers['dlq_reason'])).toEqual(['INVALID', 'INVALID'])
  })
})
