import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { countOf, topicsOf } from '../support/broker-client.ts'
import { HttpClient, type HttpAnswer, type HttpCall, Operator, orderOf, tokenOf } from '../support/http-client.ts'
import { launch, nothingLeft, root, type System, tellWhenFailed } from '../support/system.ts'
import { allItems } from '../support/table-items.ts'
import { until } from '../support/until.ts'

/** Orders over HTTP on one started system: how they end, and what is refused. */
let system: System
let operator: Operator
let alice: HttpClient
let bob: HttpClient

beforeAll(async () => {
  system = await launch()
  const [asOperator, asAlice, asBob] = await Promise.all([
    tokenOf('--sub', 'olga', '--group', 'operators'),
    tokenOf('--sub', 'alice'),
    tokenOf('--sub', 'bob'),
  ])
  await system.ready()
  operator = new Operator(system.url, asOperator)
  alice = new HttpClient(system.url, asAlice)
  bob = new HttpClient(system.url, asBob)
})

beforeEach(tellWhenFailed(() => system))
afterAll(() => system.destroy())

describe('an order', () => {
  test.each([
    {
      title: 'is approved: stock taken, money captured once, total and history told',
      stock: { tea: [10, 350, 'EUR'], mug: [5, 900, 'EUR'] },
      lines: { tea: 2, mug: 1 },
      pay: 'tok_visa',
      ends: { status: 'APPROVED', total: { amount: 1600, currency: 'EUR' } },
      left: { tea: 8, mug: 4 },
      charges: [{ amount: 1600, currency: 'EUR', status: 'CAPTURED' }],
    },
    {
      title: 'is rejected when one line of two is out of stock, and takes nothing of the other',
      stock: { tea: [10, 350, 'EUR'], mug: [1, 900, 'EUR'] },
      lines: { tea: 2, mug: 2 },
      pay: 'tok_visa',
      ends: { status: 'REJECTED', reason: 'OUT_OF_STOCK' },
      left: { tea: 10, mug: 1 },
      charges: [],
    },
    {
      title: 'is rejected when the card is declined, and gives the stock back',
      stock: { tea: [3, 350, 'EUR'] },
      lines: { tea: 3 },
      pay: 'tok_declined',
      ends: { status: 'REJECTED', reason: 'CARD_DECLINED' },
      left: { tea: 3 },
      charges: [{ amount: 1050, currency: 'EUR', status: 'DECLINED' }],
    },
    {
      title: 'for a product that does not exist is accepted and ends rejected',
      stock: { tea: [10, 350, 'EUR'] },
      lines: { tea: 1, unicorn: 1 },
      pay: 'tok_visa',
      ends: { status: 'REJECTED', reason: 'UNKNOWN_PRODUCT' },
      left: { tea: 10 },
      charges: [],
    },
    {
      title: 'in two currencies is accepted and ends rejected',
      stock: { tea: [10, 350, 'EUR'], maple: [10, 700, 'CAD'] },
      lines: { tea: 1, maple: 1 },
      pay: 'tok_visa',
      ends: { status: 'REJECTED', reason: 'MIXED_CURRENCY' },
      left: { tea: 10, maple: 10 },
      charges: [],
    },
    {
      title: 'whose payment is never answered is found to be charged, once',
      stock: { tea: [10, 350, 'EUR'] },
      lines: { tea: 1 },
      pay: 'tok_timeout',
      ends: { status: 'APPROVED', total: { amount: 350, currency: 'EUR' } },
      left: { tea: 9 },
      charges: [{ amount: 350, currency: 'EUR', status: 'CAPTURED' }],
    },
    {
      title: 'whose payment provider is away for a moment is charged once',
      stock: { tea: [10, 350, 'EUR'] },
      lines: { tea: 1 },
      pay: 'tok_unavailable',
      ends: { status: 'APPROVED', total: { amount: 350, currency: 'EUR' } },
      left: { tea: 9 },
      charges: [{ amount: 350, currency: 'EUR', status: 'CAPTURED' }],
    },
  ] as const)('$title, with and without Prefer: wait', async ({ stock, lines, pay, ends, left, charges }) => {
    const run = async (way: 'waits' | 'does-not') => {
      const named = (product: string) => `${product}-${pay}-${Object.values(left).join('-')}-${ends.status}-${way}`
      for (const [product, [units, amount, currency]] of Object.entries(stock) as [string, [number, number, string]][])
        await operator.product(named(product), units, amount, currency)
      const body = orderOf(Object.fromEntries(Object.entries(lines).map(([p, n]) => [named(p), n])), pay)
      const answer = await alice.post('/orders', body, way === 'waits' ? { prefer: 'wait=20' } : {})
      const { orderId } = answer.body as { orderId: string }
      expect(answer.headers.get('location')).toBe(`/orders/${orderId}`)
      if (way === 'waits' && answer.status === 200) expect(answer.body).toMatchObject({ orderId, ...ends })
      else expect(answer.body).toEqual({ orderId, status: 'PENDING' })
      if (way === 'does-not') expect(answer.status).toBe(202)
      if (answer.status === 202) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)

      const order = await alice.end(orderId)
      expect(order).toMatchObject({ orderId, ...ends, items: body.items, history: ['CREATED', ends.status] })
      expect(order).not.toHaveProperty('paymentMethod')
      expect(Date.parse(order.updatedAt)).toBeGreaterThanOrEqual(Date.parse(order.createdAt))
      if (!('total' in ends)) expect(order).not.toHaveProperty('total')
      if (!('reason' in ends)) expect(order).not.toHaveProperty('reason')
      for (const [product, units] of Object.entries(left)) expect(await alice.stockOf(named(product))).toBe(units)
      expect(await operator.chargesOf(orderId)).toEqual(charges)
    }
    await Promise.all([run('waits'), run('does-not')])
  })

  test('is one of 200 at once for 100 units: exactly 100 are approved, none is oversold, no rejected one is charged', async () => {
    const carol = new HttpClient(system.url, await tokenOf('--sub', 'carol'))
    await operator.product('rare', 100, 1999)
    const ids = await Promise.all(Array.from({ length: 200 }, () => carol.place({ rare: 1 }, 'tok_visa')))
    expect(new Set(ids).size).toBe(200)
    let pending = 200
    const orders = await until(
      'the end of 200 orders',
      90_000,
      async () => {
        const all = await everyPage(carol, '/orders', 100)
        pending = all.filter(({ status }) => status === 'PENDING').length
        return all.length === 200 && pending === 0 && all
      },
      () => ({ pending }),
    )
    const approved = orders.filter(({ status }) => status === 'APPROVED').map(({ orderId }) => orderId as string)
    expect(approved).toHaveLength(100)
    expect(orders.filter(({ reason }) => reason === 'OUT_OF_STOCK')).toHaveLength(100)
    expect(await alice.stockOf('rare')).toBe(0)
    const charges = (await operator.charges()).filter(({ orderId }) => ids.includes(orderId))
    expect(charges.map(({ orderId }) => orderId).sort()).toEqual(approved.sort())
    for (const { status, amount } of charges) expect({ status, amount }).toEqual({ status: 'CAPTURED', amount: 1999 })
  })
})

describe('an Idempotency-Key', () => {
  test('gives the same order for the same body, also to ten at once, and another order to another user', async () => {
    await operator.product('keyed', 100, 100)
    const order = orderOf({ keyed: 1 }, 'tok_visa')
    const key = { 'idempotency-key': 'a key: "quoted", with blanks' }
    const answers = await Promise.all(Array.from({ length: 10 }, () => alice.post('/orders', order, key)))
    const ids = new Set(answers.map(({ body }) => body.orderId as string))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 202))
    expect(ids.size).toBe(1)
    const [orderId = ''] = ids
    const ended = await alice.end(orderId)
    expect(ended.status).toBe('APPROVED')

    const later = await alice.post('/orders', order, { ...key, prefer: 'wait=5' })
    expect(later.status).toBe(200)
    expect(later.body).toMatchObject({ orderId, status: 'APPROVED', updatedAt: ended.updatedAt })
    const other = await bob.post('/orders', order, key)
    expect(other.status).toBe(202)
    expect(other.body.orderId).not.toBe(orderId)
    await bob.end(other.body.orderId)
    expect(await alice.stockOf('keyed')).toBe(98)
  })

  test('with another body is refused with 422, and the first order stays as it was', async () => {
    await operator.product('reused', 10, 100)
    const key = { 'idempotency-key': 'reused' }
    const orderId = await alice.place({ reused: 1 }, 'tok_visa', key)
    const before = await alice.end(orderId)
    for (const other of [orderOf({ reused: 2 }, 'tok_visa'), orderOf({ reused: 1 }, 'tok_other')])
      expectProblem(await alice.post('/orders', other, key), 422, 'key-reused', 'Idempotency-Key')
    expect(await alice.end(orderId)).toEqual(before)
    expect(await alice.stockOf('reused')).toBe(9)
  })
})

describe('a list', () => {
  test('of orders is the owner’s own, newest first, in pages that neither repeat nor skip', async () => {
    const dora = new HttpClient(system.url, await tokenOf('--sub', 'dora'))
    const placed: string[] = []
    for (let i = 0; i < 5; i++) placed.push(await dora.place({ 'no-such-product': 1 }, 'tok_visa'))
    for (const orderId of placed) await dora.end(orderId)
    const paged = await everyPage(dora, '/orders', 2)
    expect(paged.map(({ orderId }) => orderId)).toEqual(placed.toReversed())
    const first = await dora.get('/orders?limit=2')
    expect(first.body.items).toHaveLength(2)
    const cursor = encodeURIComponent(first.body.cursor as string)
    // A cursor is no key to another's orders.
    expectProblem(await bob.get(`/orders?limit=100&cursor=${cursor}`), 400, 'invalid-cursor', 'cursor')
    for (const query of ['limit=0', 'limit=101', 'limit=ten', 'limit=-1', 'limit=1.5'])
      expectProblem(await dora.get(`/orders?${query}`), 400, 'invalid', 'limit')
    for (const query of ['cursor=nonsense', `cursor=${cursor.slice(0, -4)}`, 'cursor=%00'])
      expectProblem(await dora.get(`/orders?${query}`), 400, 'invalid-cursor', 'cursor')
  })

  test('of products holds each product once', async () => {
    const ids = (await everyPage(alice, '/products', 7)).map(({ productId }) => productId as string)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(expect.arrayContaining(['rare', 'keyed', 'reused']))
    expect((await alice.get('/products?limit=100')).body.items.length).toBeLessThanOrEqual(100)
    expect((await alice.get('/products/rare')).body).toEqual({
      productId: 'rare',
      name: 'rare',
      price: { amount: 1999, currency: 'EUR' },
      stock: 0,
    })
  })
})

describe('what is refused', () => {
  const good = { items: [{ productId: 'shy', quantity: 1 }], paymentMethod: 'tok_visa' }
  const lines = (n: number) => Array.from({ length: n }, (_, i) => ({ productId: `p${i}`, quantity: 1 }))
  const quantity = (value: unknown) => ({ ...good, items: [{ productId: 'shy', quantity: value }] })
  const json = (body: unknown): HttpCall => ({ method: 'POST', json: body })
  const raw = (text: string | Uint8Array<ArrayBuffer>, type = 'application/json'): HttpCall => ({
    method: 'POST',
    raw: text,
    headers: { 'content-type': type },
  })

  test('changes nothing: every bad body, header, path and token has its status and problem, and no item, record or charge comes of it', async () => {
    await operator.product('shy', 5, 100)
    const orderId = await alice.place({ shy: 1 }, 'tok_visa')
    await alice.end(orderId)
    await until('the end of the scenarios', 90_000, () => system.stdout().includes('scenarios ended as they should'))
    const before = await world()

    type Case = [who: HttpClient, path: string, call: HttpCall, status: number, type: string, field?: string]
    const nobody = new HttpClient(system.url)
    const [expired, foreign] = [await tokenOf('--sub', 'alice', '--expires', '-5'), forged()]
    const good401 = { method: 'POST', json: good }
    const cases: Case[] = [
      [alice, '/orders', raw('{"items":['), 400, 'invalid', 'body'],
      [alice, '/orders', raw(''), 400, 'invalid', 'body'],
      [alice, '/orders', raw(Uint8Array.from([0x7b, 0xff, 0xfe, 0x7d])), 400, 'invalid', 'body'],
      [alice, '/orders', json([good]), 400, 'invalid', 'body'],
      [alice, '/orders', json(null), 400, 'invalid', 'body'],
      [alice, '/orders', json('text'), 400, 'invalid', 'body'],
      [alice, '/orders', json({ paymentMethod: 'tok_visa' }), 400, 'invalid', 'items'],
      [alice, '/orders', json({ items: good.items }), 400, 'invalid', 'paymentMethod'],
      [alice, '/orders', json({ ...good, paymentMethod: 7 }), 400, 'invalid', 'paymentMethod'],
      [alice, '/orders', json({ ...good, paymentMethod: '' }), 400, 'invalid', 'paymentMethod'],
      [alice, '/orders', json({ ...good, items: {} }), 400, 'invalid', 'items'],
      [alice, '/orders', json({ ...good, items: [{ quantity: 1 }] }), 400, 'invalid', 'items[0].productId'],
      [alice, '/orders', json({ ...good, items: [{ productId: 'shy' }] }), 400, 'invalid', 'items[0].quantity'],
      [
        alice,
        '/orders',
        json({ ...good, items: [{ productId: 'a b', quantity: 1 }] }),
        400,
        'invalid',
        'items[0].productId',
      ],
      [
        alice,
        '/orders',
        json({ ...good, items: [{ productId: 'x'.repeat(65), quantity: 1 }] }),
        400,
        'invalid',
        'productId',
      ],
      ...[0, -1, 1.5, 1e9, 1001, '1', null, true].map(
        (n): Case => [alice, '/orders', json(quantity(n)), 400, 'invalid', 'items[0].quantity'],
      ),
      [alice, '/orders', json({ ...good, items: [] }), 400, 'invalid', 'items'],
      [alice, '/orders', json({ ...good, items: lines(21) }), 400, 'invalid', 'items'],
      [
        alice,
        '/orders',
        json({ ...good, items: [...good.items, ...good.items] }),
        400,
        'invalid',
        'items[1].productId',
      ],
      [alice, '/orders', raw(JSON.stringify({ ...good, more: 'x'.repeat(65 * 1024) })), 413, 'too-large'],
      [alice, '/orders', raw('x'.repeat(3 * 1024 * 1024)), 413, 'too-large'],
      [alice, '/orders', raw(JSON.stringify(good), 'text/plain'), 415, 'not-json'],
      [alice, '/orders', raw(JSON.stringify(good), 'application/x-www-form-urlencoded'), 415, 'not-json'],
      [
        alice,
        '/orders',
        { ...json(good), headers: { 'idempotency-key': 'k'.repeat(256) } },
        400,
        'invalid',
        'Idempotency-Key',
      ],
      [alice, '/orders', { ...json(good), headers: { 'idempotency-key': '' } }, 400, 'invalid', 'Idempotency-Key'],
      [alice, '/orders/a%20b', {}, 400, 'invalid', 'orderId'],
      [alice, '/orders/no-such-order', {}, 404, 'not-found'],
      [alice, '/orders/no-such-order/history', {}, 404, 'not-found'],
      [alice, '/products/no-such-product', {}, 404, 'not-found'],
      [alice, '/no-such-route', {}, 404, 'not-found'],
      // Who asks.
      [nobody, '/orders', good401, 401, 'unauthorized'],
      [nobody, '/products', {}, 401, 'unauthorized'],
      [new HttpClient(system.url, expired), '/orders', good401, 401, 'unauthorized'],
      [new HttpClient(system.url, foreign), '/orders', good401, 401, 'unauthorized'],
      [new HttpClient(system.url, unsigned()), '/orders', good401, 401, 'unauthorized'],
      [new HttpClient(system.url, `${alice.token ?? ''}x`), '/orders', good401, 401, 'unauthorized'],
      [new HttpClient(system.url, 'nonsense'), '/orders', good401, 401, 'unauthorized'],
      [nobody, '/orders', { ...good401, headers: { authorization: 'Basic YWxpY2U6' } }, 401, 'unauthorized'],
      [bob, `/orders/${orderId}`, {}, 404, 'not-found'],
      [bob, `/orders/${orderId}/history`, {}, 404, 'not-found'],
      [alice, '/products', json({ name: 'Mine', price: { amount: 1, currency: 'EUR' }, stock: 1 }), 403, 'forbidden'],
      [alice, '/sandbox/charges', {}, 403, 'forbidden'],
      [alice, '/sandbox/provider', json({ mode: 'down' }), 403, 'forbidden'],
      [alice, '/sandbox/consumers/order/pause', { method: 'POST' }, 403, 'forbidden'],
      [nobody, '/sandbox/charges', {}, 401, 'unauthorized'],
      // An operator's own mistakes.
      [
        operator,
        '/products',
        json({ productId: 'shy', name: 'Again', price: { amount: 1, currency: 'EUR' }, stock: 9 }),
        409,
        'conflict',
      ],
      [
        operator,
        '/products',
        json({ name: 'N', price: { amount: -1, currency: 'EUR' }, stock: 1 }),
        400,
        'invalid',
        'price.amount',
      ],
      [
        operator,
        '/products',
        json({ name: 'N', price: { amount: 1.5, currency: 'EUR' }, stock: 1 }),
        400,
        'invalid',
        'price.amount',
      ],
      [
        operator,
        '/products',
        json({ name: 'N', price: { amount: 1, currency: 'euro' }, stock: 1 }),
        400,
        'invalid',
        'price.currency',
      ],
      [
        operator,
        '/products',
        json({ name: 'N', price: { amount: 1, currency: 'EUR' }, stock: -1 }),
        400,
        'invalid',
        'stock',
      ],
      [operator, '/products', json({ price: { amount: 1, currency: 'EUR' }, stock: 1 }), 400, 'invalid', 'name'],
      [operator, '/sandbox/provider', json({ mode: 'sideways' }), 400, 'invalid', 'mode'],
      [operator, '/sandbox/consumers/nobody/pause', { method: 'POST' }, 404, 'not-found'],
    ]
    for (const [who, path, call, status, type, field] of cases) {
      const answer = await who.call(path, call)
      expectProblem(
        answer,
        status,
        type,
        field,
        `${call.method ?? 'GET'} ${path} ${JSON.stringify(call).slice(0, 120)}`,
      )
      if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    }
    // An operator may read everybody's.
    expect((await operator.get(`/orders/${orderId}`)).body).toMatchObject({ orderId, status: 'APPROVED' })
    expect(await world()).toEqual(before)
  })
})

describe('`npm run cli -- sagas versions`', () => {
  const versions = async (...args: string[]) => {
    const command = ['scripts/bootstrap.mjs', 'bin/cli/cli.ts', 'sagas', 'versions', ...args]
    const env = { ...process.env, DYNAMODB_PORT: String(system.ports.DYNAMODB_PORT) }
    return promisify(execFile)(process.execPath, command, { cwd: root, env }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
    )
  }
  const payment = async (action: 'pause' | 'resume') =>
    expect((await operator.post(`/sandbox/consumers/payment/${action}`, {})).status).toBe(200)

  test('refuses the removal of a version while a saga runs it, and not when that has ended', async () => {
    await until('the end of the scenarios', 90_000, () => system.stdout().includes('scenarios ended as they should'))
    await until('no running saga', 30_000, async () => (await versions()).stdout.match(/^order +1 +0 +0 +0 +0$/m))
    await operator.product('versioned', 10, 100)
    await payment('pause')
    const orderId = await alice.place({ versioned: 1 }, 'tok_visa')
    await until('a running saga', 30_000, async () => (await versions()).stdout.match(/^order +1 +1 +0 +0 +1$/m))
    expect(await versions('--remove', 'order@1')).toEqual({
      code: 1,
      stdout: `order@1 has 1 running saga (1 RUNNING): keep it in the catalog and in its handler until none is left. Now there is ${orderId}\n`,
    })
    await payment('resume')
    await alice.end(orderId)
    await until('the end of its saga', 30_000, async () => (await versions()).stdout.match(/^order +1 +0 +0 +0 +0$/m))
    expect(await versions('--remove', 'order@1')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^order@1 has no running saga/) as unknown,
    })
    expect(await versions('--remove', 'ordr@1')).toEqual({ code: 1, stdout: '' })
  })
})

test('it ends on SIGTERM with code 0 and leaves no process, no port and no folder behind', async () => {
  expect(await system.stop('SIGTERM')).toEqual({ code: 0, ...nothingLeft })
})

/** All that a request could change. */
async function world() {
  const topics = await topicsOf(system.brokers)
  return {
    items: await allItems(system.endpoint),
    charges: await operator.charges(),
    records: await countOf(system.brokers, topics),
  }
}

function expectProblem(answer: HttpAnswer, status: number, type: string, field?: string, about = type) {
  expect({ status: answer.status, type: answer.body.type as unknown }, about).toEqual({
    status,
    type: `urn:recourse:problem:${type}`,
  })
  expect(answer.headers.get('content-type'), about).toMatch(/^application\/problem\+json/)
  expect(answer.headers.get('x-request-id'), about).toBeTruthy()
  expect(answer.body, about).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) })
  if (field !== undefined) expect(JSON.stringify(answer.body), about).toContain(field)
}

async function everyPage(who: HttpClient, path: string, limit: number): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = []
  for (let cursor = ''; ; ) {
    const { status, body } = await who.get(`${path}?limit=${limit}${cursor}`)
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
    expect(body.items.length).toBeLessThanOrEqual(limit)
    all.push(...(body.items as Record<string, unknown>[]))
    if (body.cursor === undefined) return all
    cursor = `&cursor=${encodeURIComponent(body.cursor as string)}`
  }
}

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = { sub: 'alice', iss: 'recourse-local', iat: 1, exp: 4_000_000_000, 'cognito:groups': ['operators'] }
/** As good as a real one, but signed by another. */
function forged(): string {
  const signed = `${base64({ alg: 'HS256', typ: 'JWT' })}.${base64(claims)}`
  return `${signed}.${createHmac('sha256', 'another key').update(signed).digest('base64url')}`
}
const unsigned = () => `${base64({ alg: 'none', typ: 'JWT' })}.${base64(claims)}.`
