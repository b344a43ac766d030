/**
 * A thousand orders while everything that can fail on this machine does: processes killed with -9 and stopped in the
 * middle of a word, lines that are cut, slow and thin, a broker whose disk is full. Servers of the test's own, each
 * behind a proxy, so that the system is told nothing and must find out by itself.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type DynamoDb, freePort, type Kafka, startDynamoDb, startKafka } from '../../localstack/servers/index.ts'
import { drained } from '../support/broker-client.ts'
import { HttpClient, Operator, tokenOf } from '../support/http-client.ts'
import { addsUp, allEnd, redeliverAll, mixedOrders, type Placed, placeOne } from '../support/placed-orders.ts'
import { freePorts, launch, type Ports, type System, tellWhenFailed } from '../support/system.ts'
import { allItems } from '../support/table-items.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

const ORDERS = 1000
/** From the first order on, one every so often: so that every fault meets some. */
const PLACE_EVERY_MS = 180
/** How long a fault lasts, and how long the system has to itself before the next. */
const FAULT_MS = 6000
const REST_MS = 5000
/** After the last fault's end. */
const TERMINAL_WITHIN_MS = 60_000
const DISK = '256m'

let dir: string
/** The broker's disk, if this machine lets us mount one. */
let disk: string | undefined
let ports: Ports
let kafka: Kafka
let kafkaPort: number
let dynamodb: DynamoDb
let dynamodbPort: number
let toKafka: TcpProxy
let toDynamodb: TcpProxy
let system: System
let operator: Operator
let alice: HttpClient
const launched: System[] = []
const say = (line: string) => console.log(`${new Date().toISOString().slice(14, 19)} ${line}`)

const upKafka = async () =>
  (kafka = await startKafka({ port: kafkaPort, advertisedPort: toKafka.port, dir: disk ?? join(dir, 'kafka') }))
const upDynamodb = async () => (dynamodb = await startDynamoDb({ port: dynamodbPort, dir: join(dir, 'dynamodb') }))
async function upSystem() {
  system = await launch({
    ports,
    env: {
      STATE_DIR: join(dir, 'state'),
      KAFKA_BROKERS: `127.0.0.1:${toKafka.port}`,
      DYNAMODB_ENDPOINT: `http://127.0.0.1:${toDynamodb.port}`,
      SWEEP_SECONDS: '1',
    },
  })
  launched.push(system)
  await system.ready()
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recourse-faults-'))
  disk = mount(join(dir, 'disk'))
  ports = await freePorts()
  kafkaPort = await freePort()
  dynamodbPort = await freePort()
  toKafka = await startTcpProxy(kafkaPort)
  toDynamodb = await startTcpProxy(dynamodbPort)
  await Promise.all([upKafka(), upDynamodb()])
  await upSystem()
  operator = new Operator(system.url, await tokenOf('--sub', 'olga', '--group', 'operators'))
  alice = new HttpClient(system.url, await tokenOf('--sub', 'alice'))
  await until('the end of the scenarios', 90_000, () => system.stdout().includes('scenarios ended as they should'))
  await operator.product('plenty', 10_000, 100)
  await operator.product('scarce', 100, 1000)
}, 300_000)
beforeEach(tellWhenFailed(() => system))
afterAll(async () => {
  await Promise.all(launched.map(each => each.destroy()))
  await Promise.all([toKafka?.close(), toDynamodb?.close(), kafka?.stop(), dynamodb?.stop()])
  if (disk !== undefined) execFileSync('umount', ['-l', disk])
  await rm(dir, { recursive: true, force: true })
}, 60_000)

/** A small disk of its own; undefined where that is not allowed. */
function mount(at: string): string | undefined {
  try {
    execFileSync('mkdir', ['-p', at])
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', at], { stdio: 'ignore' })
    return at
  } catch {
    return undefined
  }
}

const stopped = async (name: string, pid: number) => {
  say(`${name} is stopped (SIGSTOP)`)
  process.kill(pid, 'SIGSTOP')
  await sleep(FAULT_MS)
  process.kill(pid, 'SIGCONT')
}
const line = async (name: string, proxy: TcpProxy, bad: Parameters<TcpProxy['set']>[0]) => {
  say(`the line to ${name}: ${JSON.stringify(bad)}`)
  proxy.set(bad)
  await sleep(FAULT_MS)
  proxy.set({})
}

/** Each returns when the fault is over. */
const faults: readonly (readonly [name: string, fault: () => Promise<unknown>])[] = [
  ['the broker is cut off', () => line('the broker', toKafka, { cut: true })],
  ['the database is cut off', () => line('the database', toDynamodb, { cut: true })],
  [
    'both answer late',
    () =>
      Promise.all([line('the broker', toKafka, { delayMs: 250 }), line('the database', toDynamodb, { delayMs: 250 })]),
  ],
  [
    'both lines are thin',
    () =>
      Promise.all([
        line('the broker', toKafka, { bytesPerSecond: 40_000 }),
        line('the database', toDynamodb, { bytesPerSecond: 40_000 }),
      ]),
  ],
  ['the broker stands still', () => stopped('the broker', kafka.pid)],
  ['the database stands still', () => stopped('the database', dynamodb.pid)],
  ['the runtime stands still', async () => stopped('the runtime', await system.runtimePid())],
  [
    'the broker is killed',
    async () => {
      kafka.kill('SIGKILL')
      await kafka.exited
      await sleep(FAULT_MS / 2)
      await upKafka()
    },
  ],
  [
    'the database is killed',
    async () => {
      dynamodb.kill('SIGKILL')
      await dynamodb.exited
      await sleep(FAULT_MS / 2)
      await upDynamodb()
    },
  ],
  [
    'the runtime is killed',
    async () => {
      process.kill(await system.runtimePid(), 'SIGKILL')
      expect(await system.ended(10_000)).not.toBe(0)
      expect(await system.leftovers()).toMatchObject({ processes: [], ports: [] })
      await upSystem()
    },
  ],
]

test(
  `${ORDERS} orders while processes are killed and stopped and lines are cut, slow and thin${process.getuid?.() === 0 ? ', and the disk is full' : ''}: every saga ends within a minute after the last of it, nothing is lost or doubled`,
  async context => {
    const placed = new Map<string, Placed>()
    let failed: unknown
    const orders = mixedOrders(ORDERS)
    const placing = (async () => {
      const all: Promise<void>[] = []
      for (const [i, order] of orders.entries()) {
        all.push(
          placeOne(alice, order, `fault-${i}`).then(
            id => void placed.set(id, order),
            error => void (failed ??= error),
          ),
        )
        await sleep(PLACE_EVERY_MS)
      }
      await Promise.all(all)
    })()

    await sleep(REST_MS)
    for (const [name, fault] of faults) {
      say(`${name}: ${placed.size} orders placed so far`)
      await fault()
      say(`${name}: over`)
      await sleep(REST_MS)
    }
    if (disk === undefined) {
      say('the disk of the broker is not filled: this machine does not let us mount one (it takes root on Linux)')
      await context.annotate('no full disk: a tmpfs cannot be mounted here')
    } else {
      say('the disk of the broker fills up')
      await fillUp(disk)
      await sleep(REST_MS)
    }
    const over = performance.now()
    await placing
    expect(failed).toBeUndefined()
    expect(placed.size).toBe(ORDERS)
    say(`all ${ORDERS} orders are placed, ${((performance.now() - over) / 1000).toFixed(0)} s after the last fault`)
    const observer = { alice, operator, endpoint: dynamodb.endpoint }
    await allEnd(observer, placed, TERMINAL_WITHIN_MS)
    await until('every saga to have ended', TERMINAL_WITHIN_MS, async () => {
      const { sagas = [] } = await allItems(dynamodb.endpoint)
      return sagas.every(({ status }) => status === 'COMPLETED' || status === 'ABORTED')
    })
    say('every order and every saga has ended')
    await drained(kafka.brokers, TERMINAL_WITHIN_MS)
    await addsUp(observer, placed, { plenty: 10_000, scarce: 100 })
    const waiting = (await operator.get('/dead-letters?limit=100')).body.items as object[]
    expect(waiting).toEqual([])

    // All of it again, from the beginning.
    const before = { items: await allItems(dynamodb.endpoint), charges: await operator.charges() }
    await redeliverAll(operator, kafka.brokers, 180_000)
    expect({ items: await allItems(dynamodb.endpoint), charges: await operator.charges() }).toEqual(before)
    say('all offsets set back to the beginning: no item of any table has changed')
  },
  12 * 60_000,
)

/** Until the broker takes nothing any more; then there is room again, and it is started on what it has. */
async function fillUp(at: string): Promise<void> {
  const filler = join(at, 'filler')
  await mkdir(filler)
  const fits = (name: string) =>
    writeFile(join(filler, name), Buffer.alloc(1024 * 1024)).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error
        return false
      },
    )
  for (let i = 0; await fits(String(i)); i++);
  const ended = await Promise.race([kafka.exited.then(() => true), sleep(20_000).then(() => false)])
  say(ended ? 'the broker has ended by itself' : 'the broker goes on without a disk')
  await rm(filler, { recursive: true })
  if (!ended) await kafka.stop()
  await upKafka()
}
