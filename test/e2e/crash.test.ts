import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { drained, groupsOf, resetToBeginning } from '../support/broker-client.ts'
import { type Charge, HttpClient, Operator, tokenOf } from '../support/http-client.ts'
import { freePorts, launch, type Ports, type System, tellWhenFailed } from '../support/system.ts'
import { allItems } from '../support/table-items.ts'
import { until } from '../support/until.ts'

/** What is killed without a word comes back, or ends in words: on one state folder, in the order of these tests. */
let stateDir: string
let ports: Ports
let system: System | undefined
let operator: Operator
let alice: HttpClient
const launched: System[] = []

beforeEach(tellWhenFailed(() => system))
afterAll(async () => {
  await Promise.all(launched.map(each => each.destroy()))
  if (stateDir) await rm(stateDir, { recursive: true, force: true })
})

async function start(options: Parameters<typeof launch>[0]): Promise<System> {
  system = await launch(options)
  launched.push(system)
  return system
}

async function startOnState(): Promise<System> {
  stateDir ??= await mkdtemp(join(tmpdir(), 'recourse-e2e-state-'))
  ports ??= await freePorts()
  const started = await start({ ports, env: { STATE_DIR: stateDir } })
  await started.ready()
  operator = new Operator(started.url, await tokenOf('--sub', 'olga', '--group', 'operators'))
  alice = new HttpClient(started.url, await tokenOf('--sub', 'alice'))
  return started
}

const running = () => system ?? expect.fail('the system is not running')

test('the runtime killed with -9 in the middle of 200 orders, and started again: every order ends, stock and money add up, no Java process outlives it', async () => {
  const first = await startOnState()
  await operator.product('plenty', 1000, 100)
  await operator.product('scarce', 30, 1000)
  // What gets no answer any more is asked again by its client, under its key.
  const placing = placeMany('before', 200)
  const chargesAtKill = await until('the middle of it', 90_000, async () => {
    const charges = (await operator.charges()).filter(({ amount }) => amount === 100 || amount === 200)
    return charges.length >= 15 && charges
  })

  process.kill(await first.runtimePid(), 'SIGKILL')
  expect(await first.ended(10_000)).not.toBe(0)
  expect(await first.leftovers()).toMatchObject({ processes: [], ports: [] })

  await startOnState()
  const placed = await placing
  await allEnd(placed)
  const charges = (await operator.charges()).filter(({ orderId }) => placed.has(orderId))
  expect(charges.length).toBeGreaterThan(chargesAtKill.length)
  await addsUp(placed, { plenty: 1000, scarce: 30 })
})

test('every consumer’s offsets set back to the beginning: all is handled again, and no item of any table changes', async () => {
  const { brokers, endpoint } = running()
  await until('the end of the scenarios', 90_000, () => running().stdout().includes('scenarios ended as they should'))
  await drained(brokers)
  const groups = await groupsOf(brokers)
  const consumers = [...new Set(groups.map(({ consumer }) => consumer))]
  const before = { items: await allItems(endpoint), charges: await operator.charges() }
  expect(before.items['orders']?.length).toBeGreaterThanOrEqual(200)

  await Promise.all(consumers.map(name => control(name, 'pause')))
  await resetToBeginning(brokers, groups)
  await Promise.all(consumers.map(name => control(name, 'resume')))
  await drained(brokers, 120_000)
  expect({ items: await allItems(endpoint), charges: await operator.charges() }).toEqual(before)
})

describe.each(['kafka', 'dynamodb'] as const)('the process of %s killed with -9 in the middle of orders', server => {
  test('is started again, and every order ends', async () => {
    await operator.product(`after-${server}`, 1000, 100)
    const placed = await placeMany(server, 40, `after-${server}`)
    const pid = (await running().javaPids())[server] ?? expect.fail(`there is no process of ${server}`)
    process.kill(pid, 'SIGKILL')
    await until('its successor', 60_000, async () => {
      const now = (await running().javaPids())[server]
      return now !== undefined && now !== pid
    })
    // What is placed while it is away ends too.
    for (const [orderId, order] of await placeMany(`${server}-away`, 10, `after-${server}`)) placed.set(orderId, order)
    await allEnd(placed)
    await addsUp(placed, { [`after-${server}`]: 1000 })
    expect(running().stderr()).toMatch(/ended by SIGKILL.*again/)
  })
})

test('after all of that it still ends on SIGTERM with code 0, and leaves no process and no port', async () => {
  // A file that DynamoDB Local's killed process had open for its own use may stay in the temporary folder.
  expect(await running().stop('SIGTERM')).toMatchObject({ code: 0, processes: [], ports: [] })
})

interface Placed {
  readonly productId: string
  readonly quantity: number
  readonly paymentMethod: string
}

/** Every tenth is declined; of the mixed ones every third wants what there is too little of. By order id. */
async function placeMany(label: string, count: number, only?: string): Promise<Map<string, Placed>> {
  const orders = Array.from({ length: count }, (_, i): Placed => {
    const productId = only ?? (i % 3 === 0 ? 'scarce' : 'plenty')
    return { productId, quantity: 1 + (i % 2), paymentMethod: i % 10 === 7 ? 'tok_declined' : 'tok_visa' }
  })
  const ids = await Promise.all(
    orders.map(({ productId, quantity, paymentMethod }, i) =>
      alice.place({ [productId]: quantity }, paymentMethod, { 'idempotency-key': `${label}-${i}` }),
    ),
  )
  return new Map(ids.map((orderId, i) => [orderId, orders[i] as Placed]))
}

async function readOrders(ids: readonly string[]) {
  const answers = await Promise.all(ids.map(orderId => alice.get(`/orders/${orderId}`)))
  return answers.map(({ body }) => body as { orderId: string; status?: string | number; reason?: string })
}

const statuses = async (ids: readonly string[]) => (await readOrders(ids)).map(({ status }) => status)

async function allEnd(placed: ReadonlyMap<string, Placed>): Promise<void> {
  let open: string[] = [...placed.keys()]
  await until(
    `the end of ${placed.size} orders`,
    120_000,
    async () => {
      const now = await statuses(open)
      open = open.filter((_, i) => now[i] !== 'APPROVED' && now[i] !== 'REJECTED')
      return open.length === 0
    },
    () => open.length,
  )
  await drained(running().brokers, 90_000)
}

/** Stock is what was there less what was approved; each approved order is paid once and in full, no other one is; histories are whole. */
async function addsUp(placed: ReadonlyMap<string, Placed>, stock: Readonly<Record<string, number>>): Promise<void> {
  const orders = await readOrders([...placed.keys()])
  const sold: Record<string, number> = {}
  const charges = Map.groupBy(await operator.charges(), ({ orderId }) => orderId)
  const { products = [], 'orders-history': history = [] } = await allItems(running().endpoint)
  const rows = Map.groupBy(history, ({ orderId }) => orderId)
  for (const { orderId, status, reason } of orders) {
    const { productId, quantity, paymentMethod } = placed.get(orderId) ?? expect.fail(`${orderId} was not placed`)
    const price = products.find(product => product['productId'] === productId)?.['price'] as { amount: number }
    const amount = price.amount * quantity
    const paid = (charges.get(orderId) ?? []).map(({ status, amount }: Charge) => ({ status, amount }))
    if (status === 'APPROVED') {
      sold[productId] = (sold[productId] ?? 0) + quantity
      expect(paid, orderId).toEqual([{ status: 'CAPTURED', amount }])
    } else if (reason === 'CARD_DECLINED') expect(paid, orderId).toEqual([{ status: 'DECLINED', amount }])
    else expect({ reason, paid }, orderId).toEqual({ reason: 'OUT_OF_STOCK', paid: [] })
    if (paymentMethod === 'tok_declined') expect(status, orderId).toBe('REJECTED')
    expect((rows.get(orderId) ?? []).map(row => String(row['status'])).toSorted(alphabetically), orderId).toEqual(
      status === 'APPROVED' ? ['APPROVED', 'CREATED'] : ['CREATED', 'REJECTED'],
    )
  }
  const left = Object.entries(stock).map(([productId, units]) => [productId, units - (sold[productId] ?? 0)] as const)
  for (const [productId, units] of left) {
    expect(await operator.stockOf(productId), productId).toBe(units)
    expect(units, productId).toBeGreaterThanOrEqual(0)
  }
}

const alphabetically = (a: string, b: string) => a.localeCompare(b)

async function control(name: string, action: 'pause' | 'resume'): Promise<void> {
  const { status, body } = await operator.post(`/sandbox/consumers/${name}/${action}`, {})
  if (status !== 200) throw new Error(`${action} ${name}: ${status} ${JSON.stringify(body)}`)
}
