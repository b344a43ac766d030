import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '#engine/adapters/node/clock.ts'
import { type MemoryStore, memoryStore } from '#engine/adapters/memory/store.ts'
import { createOrderApi } from '../../../../lambdas/services/order/api.ts'
import { ordersHistoryTable, ordersTable } from '../../../../lambdas/services/order/tables.ts'
import { buildCli } from '../../../../bin/cli/program.ts'
import { serveGateway } from '../../../support/api-server.ts'
import { recordedLog } from '../../../support/http.ts'

let store: MemoryStore
let api: Awaited<ReturnType<typeof serveGateway>>
beforeEach(async () => {
  store = memoryStore([ordersTable, ordersHistoryTable])
  let ids = 0
  api = await serveGateway(
    createOrderApi({ store, clock: systemClock, log: recordedLog(), newId: () => `order-${++ids}` }),
  )
})
afterEach(() => api.close())

/** Runs the command line as alice. */
async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const run = buildCli({
    env: { RECOURSE_TOKEN: 'alice' },
    out: text => void out.push(text),
    err: text => void err.push(text),
  })
  const code = await run(['--url', api.url, ...args])
  return { code, out: out.join('\n'), err: err.join('\n') }
}
const order = ['order', 'place', '--item', 'coffee:2', '--item', 'milk:1', '--payment-method', 'tok_visa']

/** As the saga would, when the order is there. */
async function approve(orderId: string): Promise<void> {
  const ref = { table: 'orders', key: { orderId } }
  const [previous] = await store.read([ref])
  const item = { ...previous, status: 'APPROVED', total: { amount: 1020, currency: 'EUR' }, version: 2 }
  await store.commit([{ ref, previous, item }])
  const at = '2026-11-21T00:00:01.000Z'
  await store.writeRows([
    {
      ref: { table: 'orders-history', key: { orderId, status: 'APPROVED' } },
      item: { orderId, status: 'APPROVED', at },
    },
  ])
}

test('places an order with its lines and says how to see it', async () => {
  const { code, out } = await cli(...order)
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('order show order-1') as unknown })
  expect(store.items('orders')).toMatchObject([
    {
      customerId: 'alice',
      items: [
        { productId: 'coffee', quantity: 2 },
        { productId: 'milk', quantity: 1 },
      ],
    },
  ])
})

test('shows the state and the history', async () => {
  await cli(...order)
  await approve('order-1')
  const { code, out } = await cli('order', 'show', 'order-1')
  expect(code).toBe(0)
  expect(out).toContain('APPROVED')
  expect(out).toContain('1020 EUR')
  expect(out).toContain('2026-11-21T00:00:01.000Z')
  expect(out).not.toContain('\u001b')
})

test('--wait shows the end', async () => {
  const placing = cli(...order, '--wait', '5')
  while (store.items('orders').length === 0) await systemClock.sleep(10)
  await approve('order-1')
  expect(await placing).toMatchObject({ code: 0, out: expect.stringContaining('APPROVED') as unknown })
})

test('--json is for programs', async () => {
  expect(JSON.parse((await cli('--json', ...order)).out)).toEqual({ orderId: 'order-1', status: 'PENDING' })
  const shown = JSON.parse((await cli('order', 'show', 'order-1', '--json')).out) as unknown
  expect(shown).toMatchObject({ orderId: 'order-1', history: [] })
})

test('the same idempotency key is the same order', async () => {
  const first = await cli('--json', ...order, '--idempotency-key', 'k')
  expect(await cli('--json', ...order, '--idempotency-key', 'k')).toEqual(first)
  expect(store.items('orders')).toHaveLength(1)
})

test("an error ends with code 1 and the problem's title", async () => {
  expect(await cli('order', 'show', 'nothing')).toEqual({
    code: 1,
    out: '',
    err: expect.stringContaining('There is no such thing') as unknown,
  })
  expect(await cli('order', 'place', '--item', 'coffee:0', '--payment-method', 'tok')).toMatchObject({
    code: 1,
    err: expect.stringContaining('items[0].quantity') as unknown,
  })
  const json = await cli('--json', 'order', 'show', 'nothing')
  expect(JSON.parse(json.out)).toMatchObject({ status: 404, type: 'urn:recourse:problem:not-found' })
})

test('nobody listening is said plainly, with what to do', async () => {
  await api.close()
  const { code, err } = await cli('order', 'show', 'order-1')
  expect(code).toBe(1)
  expect(err).toBe(`Nothing listens at ${api.url}: start it with \`npm start\`, or say where it is with --url`)
  api = await serveGateway(createOrderApi({ store, clock: systemClock, log: recordedLog(), newId: () => 'x' }))
})

test('wrong usage says what is wrong and places nothing', async () => {
  expect((await cli('order', 'place', '--payment-method', 'tok')).err).toContain("'--item <productId:quantity>'")
  expect((await cli('order', 'place', '--item', 'coffee', '--payment-method', 'tok')).err).toContain('coffee:2')
  expect((await cli('order', 'fly')).code).toBe(1)
  expect(store.items('orders')).toEqual([])
})
