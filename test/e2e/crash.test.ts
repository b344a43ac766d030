import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { drained } from '../support/broker-client.ts'
import { HttpClient, Operator, tokenOf } from '../support/http-client.ts'
import { addsUp, allEnd, redeliverAll, mixedOrders, type Placed, placeOne } from '../support/placed-orders.ts'
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
  await endWhole(placed, { plenty: 1000, scarce: 30 })
  const charges = (await operator.charges()).filter(({ orderId }) => placed.has(orderId))
  expect(charges.length).toBeGreaterThan(chargesAtKill.length)
})

test('every consumer’s offsets set back to the beginning: all is handled again, and no item of any table changes', async () => {
  const { brokers, endpoint } = running()
  await until('the end of the scenarios', 90_000, () => running().stdout().includes('scenarios ended as they should'))
  await drained(brokers)
  const before = { items: await allItems(endpoint), charges: await operator.charges() }
  expect(before.items['orders']?.length).toBeGreaterThanOrEqual(200)

  await redeliverAll(operator, brokers, 120_000)
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
    await endWhole(placed, { [`after-${server}`]: 1000 })
    expect(running().stderr()).toMatch(/ended by SIGKILL.*again/)
  })
})

test('after all of that it still ends on SIGTERM with code 0, and leaves no process and no port', async () => {
  // A file that DynamoDB Local's killed process had open for its own use may stay in the temporary folder.
  expect(await running().stop('SIGTERM')).toMatchObject({ code: 0, processes: [], ports: [] })
})

/** All at once. */
async function placeMany(label: string, count: number, only?: string): Promise<Map<string, Placed>> {
  const orders = mixedOrders(count, only)
  const ids = await Promise.all(orders.map((order, i) => placeOne(alice, order, `${label}-${i}`)))
  return new Map(ids.map((orderId, i) => [orderId, orders[i] as Placed]))
}

const observer = () => ({ alice, operator, endpoint: running().endpoint })
/** Every order has ended, nothing is under way, and the sums come out. */
async function endWhole(placed: ReadonlyMap<string, Placed>, stock: Readonly<Record<string, number>>): Promise<void> {
  await allEnd(observer(), placed, 120_000)
  await drained(running().brokers, 90_000)
  await addsUp(observer(), placed, stock)
}
