import { beforeEach, describe, expect, test } from 'vitest'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { RetryableError } from '#engine/model/errors.ts'
import type { Clock, Item, Store } from '#engine/model/ports.ts'
import { createOrderApi } from '../../../../lambdas/services/order/api.ts'
import { ordersHistoryTable, ordersTable } from '../../../../lambdas/services/order/tables.ts'
import { type Call, gatewayTo, type RecordedLog, recordedLog } from '../../../support/http.ts'

const body = {
  items: [
    { productId: 'coffee', quantity: 2 },
    { productId: 'milk', quantity: 1 },
  ],
  paymentMethod: 'tok_visa',
}
const START = Date.UTC(2026, 10, 21)

let now: number
let store: Store
let log: RecordedLog
let call: ReturnType<typeof gatewayTo>
/** What happens while a request waits: called with the milliseconds that have passed since the start. */
let meanwhile: (passed: number) => Promise<void>

beforeEach(() => {
  now = START
  meanwhile = async () => {}
  const clock: Clock = {
    now: () => now,
    sleep: async ms => {
      now += ms
      await meanwhile(now - START)
    },
  }
  store = memoryStore([ordersTable, ordersHistoryTable])
  log = recordedLog()
  let ids = 0
  call = gatewayTo(createOrderApi({ store, clock, log, newId: () => `order-${++ids}` }))
})

const place = (more: Partial<Call> = {}) => call({ method: 'POST', path: '/orders', body, ...more })
const stored = async (orderId: string) => (await store.read([{ table: 'orders', key: { orderId } }]))[0]
const listed = async (sub = 'alice') => (await call({ path: '/orders', sub })).body.items as { orderId: string }[]

/** As the order service would. */
async function end(orderId: string, fields: Item): Promise<void> {
  const { pendingShard: _, ...previous } = (await stored(orderId)) ?? {}
  const item = { ...previous, ...fields, version: Number(previous['version']) + 1 }
  const present = await stored(orderId)
  const [result] = await store.commit([{ ref: { table: 'orders', key: { orderId } }, previous: present, item }])
  expect(result).toEqual({ outcome: 'committed' })
}

describe('POST /orders', () => {
  test('accepts the order, says where it is, and leaves what the change feed publishes', async () => {
    expect(await place()).toMatchObject({
      status: 202,
      body: { orderId: 'order-1', status: 'PENDING' },
      headers: { location: '/orders/order-1', 'retry-after': '1', 'x-request-id': 'request-1' },
    })
    expect(await stored('order-1')).toMatchObject({
      customerId: 'alice',
      status: 'PENDING',
      version: 1,
      publishByChangeFeed: true,
      pendingShard: expect.any(String) as unknown,
      caused: expect.stringContaining('OrderCreatedEvent') as unknown,
    })
  })

  test('keeps the payment token only in what is to be published', async () => {
    await place()
    const { caused, ...item } = (await stored('order-1')) ?? {}
    expect(caused).toContain('tok_visa')
    expect(JSON.stringify(item)).not.toContain('tok_visa')
    expect(JSON.stringify((await call({ path: '/orders/order-1' })).body)).not.toContain('tok_visa')
    expect(JSON.stringify(log.lines)).not.toContain('tok_visa')
  })

  test('the same key with the same body gives the same order, and no second one', async () => {
    const headers = { 'Idempotency-Key': 'k-1' }
    const first = await place({ headers })
    await end(first.body.orderId, { status: 'APPROVED' })
    expect(await place({ headers })).toEqual(first)
    expect(await listed()).toHaveLength(1)
  })

  test('two at once with one key make one order', async () => {
    const headers = { 'Idempotency-Key': 'k-1' }
    const answers = await Promise.all([place({ headers }), place({ headers }), place({ headers })])
    expect(new Set(answers.map(answer => answer.body.orderId)).size).toBe(1)
    expect(answers.map(answer => answer.status)).toEqual([202, 202, 202])
  })

  test('the same key with another body is 422 and changes nothing', async () => {
    const headers = { 'Idempotency-Key': 'k-1' }
    const { orderId } = (await place({ headers })).body
    const before = await stored(orderId)
    for (const other of [
      { ...body, paymentMethod: 'tok_other' },
      { ...body, items: body.items.slice(1) },
    ])
      expect(await place({ headers, body: other })).toMatchObject({
        status: 422,
        body: { type: 'urn:recourse:problem:key-reused', errors: [{ field: 'Idempotency-Key' }] },
      })
    expect(await stored(orderId)).toEqual(before)
  })

  test('a key belongs to its user', async () => {
    const headers = { 'Idempotency-Key': 'k-1' }
    const alices = await place({ headers })
    const bobs = await place({ headers, sub: 'bob', body: { ...body, paymentMethod: 'tok_other' } })
    expect(bobs.status).toBe(202)
    expect(bobs.body.orderId).not.toBe(alices.body.orderId)
    expect(bobs.body.orderId).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
  })

  test('takes 20 lines of 1,000 and a key of 255 characters', async () => {
    const items = Array.from({ length: 20 }, (_, i) => ({ productId: `p${i}`, quantity: 1000 }))
    expect((await place({ body: { ...body, items }, headers: { 'Idempotency-Key': 'k'.repeat(255) } })).status).toBe(
      202,
    )
  })
})

describe('bad input to POST /orders', () => {
  const line = (productId: string, quantity: unknown) => ({ productId, quantity })
  const lines = (...items: unknown[]) => ({ ...body, items })
  const wrong: [what: string, fields: string[], body: unknown][] = [
    ['no items', ['items'], { paymentMethod: 'tok' }],
    ['no payment method', ['paymentMethod'], { items: body.items }],
    ['an empty payment method', ['paymentMethod'], { ...body, paymentMethod: '' }],
    ['a payment method of 65 characters', ['paymentMethod'], { ...body, paymentMethod: 'x'.repeat(65) }],
    ['items that are no list', ['items'], { ...body, items: 'coffee' }],
    ['no line', ['items'], lines()],
    ['21 lines', ['items'], lines(...Array.from({ length: 21 }, (_, i) => line(`p${i}`, 1)))],
    ['quantity 0', ['items[0].quantity'], lines(line('a', 0))],
    ['quantity -1', ['items[0].quantity'], lines(line('a', -1))],
    ['quantity 1.5', ['items[0].quantity'], lines(line('a', 1.5))],
    ['quantity 1001', ['items[0].quantity'], lines(line('a', 1001))],
    ['quantity 10^9', ['items[0].quantity'], lines(line('a', 1e9))],
    ['quantity as text', ['items[0].quantity'], lines(line('a', '2'))],
    ['no quantity', ['items[0].quantity'], lines({ productId: 'a' })],
    ['no product', ['items[0].productId'], lines({ quantity: 1 })],
    ['a product id that is none', ['items[0].productId'], lines(line('a b', 1))],
    ['a repeated product line', ['items[1].productId'], lines(line('a', 1), line('a', 1))],
    [
      'two wrong fields',
      ['items[1].quantity', 'paymentMethod'],
      { items: [line('a', 1), line('b', 0)], paymentMethod: 7 },
    ],
    ['a list', ['body'], [body]],
    ['null', ['body'], null],
    ['text', ['body'], 'order'],
  ]
  test.each(wrong)('%s', async (_what, fields, wrongBody) => {
    const answer = await place({ body: wrongBody })
    expect(answer).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/problem+json' },
      body: { type: 'urn:recourse:problem:invalid', title: expect.any(String) as unknown, status: 400 },
    })
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toEqual(fields)
    expect(await listed()).toEqual([])
  })

  const asIs: [what: string, status: number, problem: string, call: Partial<Call>][] = [
    ['a body that is not JSON', 400, 'invalid', { raw: '{"items":' }],
    ['an empty body', 400, 'invalid', { raw: '' }],
    ['another content type', 415, 'not-json', { headers: { 'Content-Type': 'text/plain' } }],
    ['a body over the limit', 413, 'too-large', { raw: JSON.stringify({ ...body, note: 'x'.repeat(64 * 1024) }) }],
    ['an empty key', 400, 'invalid', { headers: { 'Idempotency-Key': '' } }],
    ['a key of 256 characters', 400, 'invalid', { headers: { 'Idempotency-Key': 'k'.repeat(256) } }],
    ['a key that is not printable', 400, 'invalid', { headers: { 'Idempotency-Key': 'ключ' } }],
    ['no token', 401, 'unauthorized', { sub: null }],
  ]
  test.each(asIs)('%s is %d', async (_what, status, problem, how) => {
    expect(await place(how)).toMatchObject({ status, body: { status, type: `urn:recourse:problem:${problem}` } })
    expect(await listed()).toEqual([])
  })

  test('takes JSON with a character set', async () => {
    const headers = { 'Content-Type': 'Application/JSON; charset=utf-8' }
    expect((await place({ headers })).status).toBe(202)
  })
})

describe('Prefer: wait', () => {
  const headers = { Prefer: 'respond-async, wait=5' }

  test('answers with the final state as soon as there is one', async () => {
    meanwhile = async passed => {
      if (passed >= 700 && (await stored('order-1'))?.['status'] === 'PENDING')
        await end('order-1', { status: 'APPROVED', total: { amount: 900, currency: 'EUR' } })
    }
    expect(await place({ headers })).toMatchObject({
      status: 200,
      body: { orderId: 'order-1', status: 'APPROVED', items: body.items, total: { amount: 900, currency: 'EUR' } },
    })
    expect(now - START).toBeLessThan(1_300)
  })

  test('answers 202 when the end has not come in time', async () => {
    expect(await place({ headers })).toMatchObject({
      status: 202,
      body: { orderId: 'order-1', status: 'PENDING' },
      headers: { location: '/orders/order-1', 'retry-after': '1', 'preference-applied': 'wait=5' },
    })
    expect(now - START).toBe(5_000)
  })

  test('waits at most 20 s, and not at all for what it cannot read', async () => {
    await place({ headers: { Prefer: 'wait=3600' } })
    expect(now - START).toBe(20_000)
    for (const Prefer of ['wait=soon', 'wait=-1', 'waiting=5', 'wait']) await place({ headers: { Prefer } })
    expect(now - START).toBe(20_000)
  })

  test('a table that is away while it waits does not take the order back', async () => {
    const read = store.read.bind(store)
    store.read = async (refs, only) => {
      if (now - START < 2_000) throw new RetryableError('throttled', { code: 'DYNAMODB_THROTTLED' })
      return read(refs, only)
    }
    expect(await place({ headers })).toMatchObject({ status: 202, body: { orderId: 'order-1' } })
  })
})

describe('reading orders', () => {
  test("shows one's own in full", async () => {
    await place()
    await end('order-1', { status: 'REJECTED', reason: 'OUT_OF_STOCK', updatedAt: '2026-11-21T00:00:01.000Z' })
    expect(await call({ path: '/orders/order-1' })).toMatchObject({ status: 200 })
    expect((await call({ path: '/orders/order-1' })).body).toEqual({
      orderId: 'order-1',
      status: 'REJECTED',
      reason: 'OUT_OF_STOCK',
      items: body.items,
      createdAt: '2026-11-21T00:00:00.000Z',
      updatedAt: '2026-11-21T00:00:01.000Z',
    })
  })

  test("another's is as if it were not there; operators see it", async () => {
    await place()
    for (const path of ['/orders/order-1', '/orders/order-1/history']) {
      expect(await call({ path, sub: 'bob' })).toMatchObject({
        status: 404,
        body: { type: 'urn:recourse:problem:not-found' },
      })
      expect((await call({ path, sub: 'olga', groups: 'operators' })).status).toBe(200)
    }
    const missing = await call({ path: '/orders/order-2', sub: 'bob' })
    const anothers = await call({ path: '/orders/order-1', sub: 'bob' })
    expect(anothers.body).toEqual({ ...missing.body, detail: missing.body.detail.replace('order-2', 'order-1') })
  })

  test('lists the newest first, page by page, and nobody else’s', async () => {
    for (let i = 0; i < 5; i++) {
      now += 1_000
      await place()
    }
    await place({ sub: 'bob' })
    const first = await call({ path: '/orders?limit=3' })
    expect(first.body.items.map((order: { orderId: string }) => order.orderId)).toEqual([
      'order-5',
      'order-4',
      'order-3',
    ])
    const second = await call({ path: `/orders?limit=3&cursor=${first.body.cursor}` })
    expect(second.body.items.map((order: { orderId: string }) => order.orderId)).toEqual(['order-2', 'order-1'])
    expect(second.body).not.toHaveProperty('cursor')
    const bobs = await call({ path: `/orders?cursor=${first.body.cursor}`, sub: 'bob' })
    expect(bobs).toMatchObject({ status: 400, body: { type: 'urn:recourse:problem:invalid-cursor' } })
  })

  test('shows what has happened in order', async () => {
    await place()
    const row = (status: string, at: string) => ({
      ref: { table: 'orders-history', key: { orderId: 'order-1', status } },
      item: { orderId: 'order-1', status, at },
    })
    await store.writeRows([row('APPROVED', '2026-11-21T00:00:02.000Z'), row('CREATED', '2026-11-21T00:00:01.000Z')])
    expect((await call({ path: '/orders/order-1/history' })).body).toEqual({
      items: [
        { status: 'CREATED', at: '2026-11-21T00:00:01.000Z' },
        { status: 'APPROVED', at: '2026-11-21T00:00:02.000Z' },
      ],
    })
  })

  test.each([
    ['/orders?limit=1000', 'invalid'],
    ['/orders?cursor=abc', 'invalid-cursor'],
    ['/orders/not%20an%20id', 'invalid'],
  ])('%s is 400 %s', async (path, problem) => {
    expect(await call({ path })).toMatchObject({ status: 400, body: { type: `urn:recourse:problem:${problem}` } })
  })
})

describe('when something fails here', () => {
  test('a table that is away is 503 with a time to come back', async () => {
    store.commit = async () => [
      { outcome: 'failed', error: new RetryableError('throttled', { code: 'DYNAMODB_THROTTLED' }) },
    ]
    expect(await place()).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', 'x-request-id': 'request-1' },
      body: { type: 'urn:recourse:problem:unavailable' },
    })
  })

  test('a bug is 500, logged, and tells nothing', async () => {
    store.read = async () => {
      throw new Error('the password is hunter2')
    }
    const answer = await call({ path: '/orders/order-1' })
    expect(answer).toMatchObject({
      status: 500,
      body: { type: 'urn:recourse:problem:internal', requestId: 'request-1' },
    })
    expect(JSON.stringify(answer)).not.toContain('hunter2')
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error' }))
  })

  test('a route that is not there is a problem document too', async () => {
    expect(await call({ path: '/ordres' })).toMatchObject({
      status: 404,
      body: { type: 'urn:recourse:problem:not-found' },
    })
  })
})
