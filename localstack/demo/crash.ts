/**
 * `npm run demo:crash`: 50 orders, the runtime killed with -9 in the middle of them and started again; then every order
 * has ended, and stock and money add up. Exit code 0 only if that is so. On free ports and in a folder of its own, so
 * that it can run beside `npm start`; leaves neither a process nor the folder behind.
 */
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoDbStore } from '#engine/adapters/dynamodb/store.ts'
import { countRunning, sumOf } from '#engine/saga/running-versions.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { type ApiClient, ApiError, apiClient } from '../../client/api-client.ts'
import type { Order } from '../../client/order.ts'
import { plainTable } from '../../client/plain-table.ts'
import { lines } from '../../client/terminal-text.ts'
import { localClient } from '../runtime/dynamodb/client.ts'
import { whenToldToEnd } from '../runtime/ending.ts'
import { signToken } from '../runtime/identity.ts'
import type { LedgerEntry } from '../sandbox/book.ts'
import { type Found, type ProductId, products, reckon, type Reckoning, type Wanted, wantedOrders } from './orders.ts'
import { type DemoSystem, demoSystem, waitFor } from './system.ts'

const ORDERS = 50
/** So many are placed before the kill at most; the others while nobody is there, or later. */
const BEFORE_KILL_MAX = 40
/** Killed when so many have ended, and as many are under way. */
const ENDED_AT_KILL = 10
const UNDER_WAY_AT_KILL = 3
const PLACE_EVERY_MS = 40
const ASK_AGAIN_MS = 250
const KILL_WITHIN_MS = 60_000
const END_WITHIN_MS = 120_000

const since = performance.now()
const seconds = () => `${((performance.now() - since) / 1000).toFixed(1).padStart(5)} s`
const say = (text: string) => void process.stdout.write(`${seconds()}  ${lines(text)}\n`)
const print = (text: string) => void process.stdout.write(`${lines(text)}\n`)

const system = await demoSystem()
let ending = false
whenToldToEnd(
  (signal, code) => {
    say(`${signal}: stopping …`)
    void end(code)
  },
  code => process.exit(code),
)
// Whatever makes this process exit takes the runtime along; after an end in order there is nothing left to do.
process.on('exit', () => {
  system.killNow()
  rmSync(system.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
})

try {
  const { wrong } = await demonstrate(system)
  await end(wrong.length > 0 ? 1 : 0)
} catch (error) {
  if (!ending) process.stderr.write(`recourse: ${error instanceof Error ? error.message : String(error)}\n`)
  await end(1)
}

async function end(code: number): Promise<void> {
  // Who was first says how it ends.
  if (ending) return
  ending = true
  await system.destroy().catch((error: unknown) => void process.stderr.write(`stopping: ${String(error)}\n`))
  process.exit(code)
}

async function demonstrate({ url, start, kill, dynamodb }: DemoSystem): Promise<Reckoning> {
  const operator = apiClient(url, await signToken({ sub: 'demo-operator', groups: ['operators'] }))
  const customer = apiClient(url, await signToken({ sub: 'demo' }))

  say('starting Kafka, DynamoDB and the functions, on free ports and in a folder of their own …')
  await start()
  say(`they are up: ${url}`)
  for (const [productId, product] of Object.entries(products))
    await operator({ method: 'POST', path: '/products', body: { productId, ...product } })

  say(`placing ${ORDERS} orders: some want cups, of which there are too few, some cards will be declined …`)
  const placed = new Map<string, Wanted>()
  let goOn = () => {}
  const killed = new Promise<void>(resolve => (goOn = resolve))
  const placing = placeAll(customer, placed, killed)
  // Whatever goes wrong there is thrown where it is awaited.
  placing.catch(() => {})
  await waitFor(async () => {
    const { ended, underWay } = await progressOf(customer)
    return (ended >= ENDED_AT_KILL && underWay >= UNDER_WAY_AT_KILL) || ended >= BEFORE_KILL_MAX
  }, KILL_WITHIN_MS)
  const { ended, underWay } = await progressOf(customer)
  const pid = await kill()
  say(
    `kill -9 of the runtime (process ${pid}): ${ended} orders had ended, ${underWay} were under way, ${ORDERS - ended - underWay} were still to be placed`,
  )
  goOn()

  say('starting it again on what it left: Kafka’s log and DynamoDB’s tables …')
  await start()
  say('it is up again: requests that were never answered are sent once more, each under its idempotency key')
  await placing
  say(`all ${placed.size} orders are accepted; waiting for the end of each …`)
  await waitFor(async () => (await progressOf(customer)).ended === ORDERS, END_WITHIN_MS)
  await waitFor(async () => (await countOpen(dynamodb)) === 0, END_WITHIN_MS)

  const found = await gather(operator, customer, placed, await countOpen(dynamodb))
  const reckoning = reckon(found)
  say(reckoning.wrong.length === 0 ? 'every order has ended' : 'NOT AS IT SHOULD BE')
  print(report(reckoning))
  return reckoning
}

/** One after the other at a steady pace, each asked for until it is answered. The last ones wait for `killed`. */
async function placeAll(customer: ApiClient, placed: Map<string, Wanted>, killed: Promise<void>): Promise<void> {
  const underWay: Promise<void>[] = []
  for (const [i, wanted] of wantedOrders(ORDERS).entries()) {
    if (i === BEFORE_KILL_MAX) await killed
    const order = place(customer, wanted, `demo-${i}`).then(orderId => void placed.set(orderId, wanted))
    // One that fails is thrown below, with the others.
    order.catch(() => {})
    underWay.push(order)
    await sleep(PLACE_EVERY_MS)
  }
  await Promise.all(underWay)
}

/** Under the same key it is the same order, however often it is asked for. */
async function place(customer: ApiClient, wanted: Wanted, key: string): Promise<string> {
  const { productId, quantity, paymentMethod } = wanted
  for (;;)
    try {
      const { body } = await customer({
        method: 'POST',
        path: '/orders',
        body: { items: [{ productId, quantity }], paymentMethod },
        headers: { 'idempotency-key': key },
      })
      return (body as Pick<Order, 'orderId'>).orderId
    } catch (error) {
      if (!isAway(error) || ending) throw error
      await sleep(ASK_AGAIN_MS)
    }
}

function isAway(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 503)
}

async function progressOf(customer: ApiClient): Promise<{ ended: number; underWay: number }> {
  const orders = await readOrders(customer).catch((error: unknown) => {
    if (!isAway(error)) throw error
    return []
  })
  const ended = orders.filter(({ status }) => status !== 'PENDING').length
  return { ended, underWay: orders.length - ended }
}

/** All of the demonstration's, which fit on a page. */
async function readOrders(customer: ApiClient): Promise<Order[]> {
  return ((await customer({ path: '/orders?limit=100' })).body as { items: Order[] }).items
}

/** Sagas of orders that have not ended. */
async function countOpen(endpoint: string): Promise<number> {
  const client = new DynamoDBClient(localClient(endpoint))
  try {
    const quiet = () => {}
    const store = dynamoDbStore({
      client,
      log: { info: quiet, warn: quiet, error: quiet, count: quiet, measure: quiet },
      tables: { [sagasTable.name]: { physicalName: sagasTable.name, table: sagasTable } },
    })
    return (await countRunning(store, 'order')).reduce((total, version) => total + sumOf(version), 0)
  } finally {
    client.destroy()
  }
}

async function gather(
  operator: ApiClient,
  customer: ApiClient,
  placed: ReadonlyMap<string, Wanted>,
  running: number,
): Promise<Found> {
  const left = await Promise.all(
    Object.keys(products).map(async id => [id, (await operator({ path: `/products/${id}` })).body] as const),
  )
  return {
    placed,
    orders: await readOrders(customer),
    charges: ((await operator({ path: '/sandbox/charges' })).body as { items: LedgerEntry[] }).items,
    stock: Object.fromEntries(left.map(([id, product]) => [id, (product as { stock: number }).stock])) as Record<
      ProductId,
      number
    >,
    running,
  }
}

function report({ orders, stock, money, wrong }: Reckoning): string {
  const euros = (amount: number) => `${(amount / 100).toFixed(2)} EUR`
  return [
    '',
    plainTable(
      ['ORDERS', ''],
      [...Object.entries(orders), ['in all', Object.values(orders).reduce((total, count) => total + count, 0)]],
    ),
    '',
    plainTable(
      ['STOCK', 'BEFORE', '- SOLD', '= LEFT', ''],
      stock.map(({ productId, before, sold, left, addsUp }) => [productId, before, sold, left, verdict(addsUp)]),
    ),
    '',
    plainTable(
      ['MONEY', '', ''],
      [
        ['approved orders come to', euros(money.owed), ''],
        [`${money.captures} charges were captured`, euros(money.captured), verdict(money.addsUp)],
        [`${money.declines} were declined`, euros(0), ''],
      ],
    ),
    '',
    ...(wrong.length === 0
      ? ['Nothing was lost and nothing happened twice: stock and money add up.']
      : ['It does not add up:', ...wrong.map(sentence => `- ${sentence}`)]),
  ].join('\n')
}

function verdict(addsUp: boolean): string {
  return addsUp ? 'adds up' : 'DOES NOT ADD UP'
}
