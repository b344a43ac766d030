import { beforeAll, expect, test } from 'vitest'
import { dynamoDbStore } from '#engine/adapters/dynamodb/store.ts'
import { systemClock } from '#engine/adapters/node/clock.ts'
import type { ApiPorts } from '#engine/http/api-ports.ts'
import type { Store } from '#engine/model/ports.ts'
import { createOrderApi } from '../../../lambdas/services/order/api.ts'
import { ordersHistoryTable, ordersTable } from '../../../lambdas/services/order/tables.ts'
import { createProductApi } from '../../../lambdas/services/product/api.ts'
import { productsTable } from '../../../lambdas/services/product/tables.ts'
import { type Call, gatewayTo, recordedLog } from '../../support/http.ts'
import { testDynamoDb, unique } from '../../support/servers.ts'
import { createTestTables } from '../../support/tables.ts'

let store: Store
let orders: ReturnType<typeof gatewayTo>
let products: ReturnType<typeof gatewayTo>
beforeAll(async () => {
  const client = testDynamoDb()
  const tables = await createTestTables(client, [ordersTable, ordersHistoryTable, productsTable], unique('api'))
  const log = recordedLog()
  store = dynamoDbStore({ client, tables, log })
  const ports: ApiPorts = { store, clock: systemClock, log, newId: () => crypto.randomUUID() }
  orders = gatewayTo(createOrderApi(ports))
  products = gatewayTo(createProductApi(ports))
})

const body = { items: [{ productId: 'coffee', quantity: 1 }], paymentMethod: 'tok_visa' }
const place = (key: string, more: Partial<Call> = {}) =>
  orders({ method: 'POST', path: '/orders', headers: { 'Idempotency-Key': key }, body, ...more })
const cursorOf = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url')

/** All pages of a list, two items each. */
async function pages(call: ReturnType<typeof gatewayTo>, how: Call): Promise<Record<string, unknown>[][]> {
  const found: Record<string, unknown>[][] = []
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const answer = await call({ ...how, path: `${how.path}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}` })
    expect(answer.status).toBe(200)
    found.push(answer.body.items)
    cursor = answer.body.cursor
  }
  return found
}

test('many requests at once with one key make one order', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => place('once', { sub: 'carla' })))
  expect(new Set(answers.map(answer => JSON.stringify([answer.status, answer.body]))).size).toBe(1)
  expect(await place('once', { sub: 'carla', body: { ...body, paymentMethod: 'tok_other' } })).toMatchObject({
    status: 422,
  })
  expect((await orders({ path: '/orders', sub: 'carla' })).body.items).toHaveLength(1)
})

test("an owner's orders come newest first, page by page", async () => {
  const placed: string[] = []
  for (const key of ['1', '2', '3', '4', '5']) {
    placed.push((await place(key)).body.orderId)
    await systemClock.sleep(3)
  }
  await place('another', { sub: 'bob' })
  const listed = (await pages(orders, { path: '/orders' })).flat().map(order => order['orderId'])
  expect(listed).toEqual(placed.toReversed())
})

test('the history comes in order', async () => {
  const { orderId } = (await place('with history')).body
  const row = (status: string, at: string) => ({
    ref: { table: 'orders-history', key: { orderId, status } },
    item: { orderId, status, at },
  })
  await store.writeRows([row('APPROVED', '2026-11-21T00:00:02.000Z'), row('CREATED', '2026-11-21T00:00:01.000Z')])
  expect((await orders({ path: `/orders/${orderId}/history` })).body.items).toMatchObject([
    { status: 'CREATED' },
    { status: 'APPROVED' },
  ])
})

test('products are listed by name, page by page, and made once', async () => {
  const make = (productId: string, name: string) =>
    products({
      method: 'POST',
      path: '/products',
      groups: 'operators',
      body: { productId, name, price: { amount: 100, currency: 'EUR' }, stock: 5 },
    })
  for (const [id, name] of [
    ['p1', 'Tea'],
    ['p2', 'Apple'],
    ['p3', 'Milk'],
  ] as const)
    expect((await make(id, name)).status).toBe(201)
  expect((await make('p1', 'Tea again')).status).toBe(409)
  const listed = (await pages(products, { path: '/products' })).flat()
  expect(listed.map(product => product['name'])).toEqual(['Apple', 'Milk', 'Tea'])
})

test.each([
  ['/orders', cursorOf(['2026-11-21T00:00:00.000Z', 'nothing'])],
  ['/products', cursorOf(['Nothing', 'nothing'])],
])('a made-up cursor of %s is refused, also in the right shape', async (path, cursor) => {
  const call = path === '/orders' ? orders : products
  for (const made of [cursor, cursorOf(['', ''])])
    expect(await call({ path: `${path}?cursor=${made}` })).toMatchObject({
      status: 400,
      body: { type: 'urn:recourse:problem:invalid-cursor' },
    })
})
