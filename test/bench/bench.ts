/**
 * `npm run bench -- [--orders N] [--concurrency N] [--json FILE]`: orders through the local runtime, one in ten declined.
 * What it measures is this machine with two Java servers on it: compare runs made side by side, not days apart.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import Table from 'cli-table3'
import { Command } from 'commander'
import { synthesize } from '../../lib/synth.ts'
import { signToken } from '../../localstack/runtime/identity.ts'
import { type Runtime, type RuntimeStats, startRuntime } from '../../localstack/runtime/runtime.ts'
import { freePort } from '../../localstack/servers/index.ts'
import { wholeFrom } from '../support/options.ts'
import { placeInBatches } from '../../scripts/cost/orders-in-process.ts'
import type { LoadResult, LoadSettings } from './load.ts'

const DECLINED_EVERY = 10
const PRODUCTS = 40

const { orders, concurrency, json } = new Command('bench')
  .option('--orders <n>', 'orders that are measured', wholeFrom(1), 5000)
  .option('--concurrency <n>', 'orders at once', wholeFrom(1), 2000)
  .option('--json <file>', 'write the figures there too')
  .parse()
  .opts<{ orders: number; concurrency: number; json?: string }>()

const say = (line: string) => process.stderr.write(`${line}\n`)
const stateDir = mkdtempSync(join(tmpdir(), 'recourse-bench-'))
const { directory, bundles } = await synthesize('local', join(stateDir, 'cdk.out'))
const runtime = await startRuntime({
  port: 0,
  kafkaPort: await freePort(),
  dynamodbPort: await freePort(),
  stateDir,
  longLived: true,
  sweepSeconds: 5,
  cdkOut: directory,
  say,
})
const [operator, alice] = await Promise.all([
  signToken({ sub: 'bench', groups: ['operators'] }),
  signToken({ sub: 'alice' }),
])
let figures: Figures
try {
  const products = await createProducts(runtime)
  say(`warming up: ${Math.min(orders, 2000)} orders`)
  await load(runtime, products, Math.min(orders, 2000))
  say(`measuring: ${orders} orders, ${concurrency} at once`)
  const before = await runtime.stats()
  const result = await load(runtime, products, orders)
  await settled(runtime)
  const after = await runtime.stats()
  figures = await figuresOf(result, before, after)
} finally {
  await runtime.stop()
  rmSync(stateDir, { recursive: true, force: true })
}
print(figures)
if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`)
process.exitCode = figures.wrong.length === 0 ? 0 : 1

interface Figures {
  readonly orders: number
  readonly concurrency: number
  readonly ordersASecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly approved: number
  readonly rejected: number
  readonly wrong: readonly string[]
  readonly ownCpuMsASaga: number
  /** Without the HTTP functions: what the consumers, the relay and the sweeper take. */
  readonly consumersCpuMsASaga: number
  readonly databaseCallsASaga: number
  readonly consumersDatabaseCallsASaga: number
  readonly messagesASaga: number
  readonly invocationsASaga: number
  readonly residentMegabytes: number
  readonly writeUnitsASaga: { readonly approved: number; readonly oneInTenDeclined: number }
  readonly functions: readonly {
    readonly name: string
    readonly bundleKb: number
    readonly initMs: number
    readonly invocations: number
    readonly cpuMs: number
    readonly databaseCalls: number
  }[]
}

async function figuresOf(result: LoadResult, before: RuntimeStats, after: RuntimeStats): Promise<Figures> {
  const names = Object.keys(after.functions)
  const grown = (name: string, figure: 'cpuMs' | 'invocations' | 'databaseCalls') =>
    (after.functions[name]?.[figure] ?? 0) - (before.functions[name]?.[figure] ?? 0)
  const sum = (figure: 'cpuMs' | 'invocations' | 'databaseCalls', of = names) =>
    of.reduce((total, name) => total + grown(name, figure), 0)
  const consumers = names.filter(name => !name.endsWith('-api'))
  const messages = (stats: RuntimeStats) => Object.values(stats.messages).reduce((total, n) => total + n, 0)
  const units = async (count: number, methodOf?: (n: number) => string) => {
    const { writes } = await placeInBatches(count, methodOf)
    return writes.reduce((total, { base, indexes }) => total + base + indexes, 0) / count
  }
  const at = (quantile: number) =>
    result.latencies[Math.min(result.latencies.length - 1, Math.floor(result.latencies.length * quantile))] ??
    Number.NaN
  const each = (n: number) => Math.round((n / orders) * 100) / 100
  return {
    orders,
    concurrency,
    ordersASecond: Math.round((orders / result.seconds) * 10) / 10,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    approved: result.approved,
    rejected: result.rejected,
    wrong: result.wrong,
    ownCpuMsASaga: each(sum('cpuMs')),
    consumersCpuMsASaga: each(sum('cpuMs', consumers)),
    databaseCallsASaga: each(sum('databaseCalls')),
    consumersDatabaseCallsASaga: each(sum('databaseCalls', consumers)),
    messagesASaga: each(messages(after) - messages(before)),
    invocationsASaga: each(sum('invocations')),
    residentMegabytes: Math.round(after.residentBytes / 1e6),
    writeUnitsASaga: {
      approved: await units(50),
      oneInTenDeclined: await units(50, n => (n % DECLINED_EVERY === 0 ? 'tok_declined' : 'tok_visa')),
    },
    functions: names.map(name => ({
      name,
      bundleKb: Math.round(bundleBytes(name) / 100) / 10,
      initMs: Math.round(after.functions[name]?.initMs ?? 0),
      invocations: grown(name, 'invocations'),
      cpuMs: Math.round(grown(name, 'cpuMs')),
      databaseCalls: grown(name, 'databaseCalls'),
    })),
  }
}

function bundleBytes(name: string): number {
  const folder = bundles.find(bundle => bundle.name === name)?.folder
  return folder === undefined ? 0 : statSync(join(folder, 'index.mjs')).size
}

function load({ url, brokers }: Runtime, products: readonly string[], count: number): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const workerData: LoadSettings = {
      url,
      token: alice,
      brokers,
      orders: count,
      concurrency,
      declinedEvery: DECLINED_EVERY,
      products,
    }
    const worker = new Worker(new URL('load.ts', import.meta.url), { workerData })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

/** The last acknowledgements and history rows: until nothing was invoked for a second. */
async function settled({ stats }: Runtime) {
  const invocations = async () =>
    Object.values((await stats()).functions).reduce((total, fn) => total + fn.invocations, 0)
  for (let last = -1, now = await invocations(); now !== last; ) {
    last = now
    await new Promise(resolve => setTimeout(resolve, 1000))
    now = await invocations()
    // The sweeper runs by the clock.
    if (now - last <= 1) break
  }
}

async function createProducts({ url }: Runtime): Promise<string[]> {
  const products = Array.from({ length: PRODUCTS }, (_, i) => `bench-${i}`)
  for (const productId of products) {
    const answer = await fetch(`${url}/products`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
      body: JSON.stringify({ productId, name: productId, price: { amount: 1250, currency: 'EUR' }, stock: 1_000_000 }),
    })
    if (answer.status !== 201) throw new Error(`${productId}: ${answer.status} ${await answer.text()}`)
  }
  return products
}

function print(of: Figures) {
  const table = new Table({ head: [], style: { head: [], border: [] } })
  table.push(
    ['orders a second', of.ordersASecond],
    ['p50, p99 from POST to final state', `${of.p50Ms} ms, ${of.p99Ms} ms`],
    ['approved, rejected, wrong', `${of.approved}, ${of.rejected}, ${of.wrong.length}`],
    ['own CPU a saga (consumers only)', `${of.ownCpuMsASaga} ms (${of.consumersCpuMsASaga} ms)`],
    ['DynamoDB calls a saga (consumers only)', `${of.databaseCallsASaga} (${of.consumersDatabaseCallsASaga})`],
    [
      'write units a saga: approved, one in ten declined',
      `${of.writeUnitsASaga.approved}, ${of.writeUnitsASaga.oneInTenDeclined}`,
    ],
    ['Kafka messages a saga', of.messagesASaga],
    ['invocations a saga', of.invocationsASaga],
    ['resident memory, runtime and load', `${of.residentMegabytes} MB`],
  )
  console.log(table.toString())
  const functions = new Table({
    head: ['function', 'bundle kB', 'init ms', 'invocations', 'CPU ms', 'DynamoDB calls'],
    style: { head: [], border: [] },
  })
  for (const fn of of.functions)
    functions.push([fn.name, fn.bundleKb, fn.initMs, fn.invocations, fn.cpuMs, fn.databaseCalls])
  console.log(functions.toString())
  for (const line of of.wrong.slice(0, 10)) console.log(line)
}
