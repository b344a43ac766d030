/** 210 customers who wait for orders that do not end, over real connections, and one who looks at a list. */
import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { HttpClient, Operator, tokenOf } from '../support/http-client.ts'
import { launch, type System, tellWhenFailed } from '../support/system.ts'
import { allItems } from '../support/table-items.ts'
import { until } from '../support/until.ts'

const WAITING = 210
let system: System
let operator: Operator
let alice: HttpClient
let token: string

beforeAll(async () => {
  system = await launch()
  const [asOperator, asAlice] = await Promise.all([
    tokenOf('--sub', 'olga', '--group', 'operators'),
    tokenOf('--sub', 'alice'),
  ])
  await system.ready()
  operator = new Operator(system.url, asOperator)
  alice = new HttpClient(system.url, asAlice)
  token = asAlice
})
beforeEach(tellWhenFailed(() => system))
afterAll(() => system.destroy())

function post() {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer: 'wait=20' }
  const sent = request(`${system.url}/orders`, { method: 'POST', agent: false, headers })
  sent.on('error', () => {})
  sent.on('response', response => response.resume())
  sent.end(JSON.stringify({ items: [{ productId: 'tea', quantity: 1 }], paymentMethod: 'tok_visa' }))
  return sent
}

const placed = async () => (await allItems(system.endpoint))['orders']?.length ?? 0
const listed = async () => {
  const from = performance.now()
  expect((await alice.get('/orders')).status).toBe(200)
  return performance.now() - from
}

test(`${WAITING} that wait leave a list under half a second, and are forgotten when they hang up`, async () => {
  expect((await operator.post('/sandbox/consumers/order-saga/pause', {})).status).toBe(200)
  await listed()
  const before = await placed()
  const sent = Array.from({ length: WAITING }, post)
  await until('all orders are placed', 15_000, async () => (await placed()) >= before + WAITING)
  await until('a list under half a second', 5000, async () => (await listed()) < 500)
  for (const one of sent) one.destroy()
  // As many again find their places free.
  const again = Array.from({ length: WAITING }, post)
  await until('these are placed too', 15_000, async () => (await placed()) >= before + 2 * WAITING)
  await until('a list under half a second again', 5000, async () => (await listed()) < 500)
  for (const one of again) one.destroy()
  expect((await operator.post('/sandbox/consumers/order-saga/resume', {})).status).toBe(200)
})
