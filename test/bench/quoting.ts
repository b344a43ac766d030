/**
 * `npm run bench:quoting -- [--quotes N] [--concurrency N] [--json FILE]`: the same quotes through the three wirings, one
 * after the other, on the local runtime. What it measures is this machine with two Java servers on it: compare the
 * columns of one run.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import Table from 'cli-table3'
import { Command } from 'commander'
import type { Store } from '#engine/model/ports.ts'
import { type Quoting, quotings } from '../../lambdas/quoting.ts'
import { synthesize } from '../../lib/synth.ts'
import { signToken } from '../../localstack/runtime/identity.ts'
import { type Runtime, type RuntimeStats, startRuntime } from '../../localstack/runtime/runtime.ts'
import { freePort } from '../../localstack/servers/index.ts'
import { gatewayTo } from '../support/http.ts'
import { wholeFrom } from '../support/options.ts'
import { quotingSystem } from '../domains/samples/small-system.ts'
import { metered } from '../../scripts/cost/write-units.ts'
import type { QuoteLoadResult, QuoteLoadSettings } from './quote-load.ts'

const CUSTOMERS = 40
const WARM_UP = 300
/** At once, whatever is asked for then. */
const WARM_UP_CONCURRENCY = 50

const { quotes, concurrency, json } = new Command('bench:quoting')
  .option('--quotes <n>', 'quotes that are measured in each wiring', wholeFrom(1), 2000)
  .option('--concurrency <n>', 'quotes at once', wholeFrom(1), 50)
  .option('--json <file>', 'write the figures there too')
  .parse()
  .opts<{ quotes: number; concurrency: number; json?: string }>()
const say = (line: string) => process.stderr.write(`${line}\n`)

interface Figures {
  readonly quotesASecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly wrong: readonly string[]
  readonly messages: number
  readonly databaseCalls: number
  readonly invocations: number
  readonly ownCpuMs: number
  /** Of one quote, by its path: write request units and messages. */
  readonly paths: Readonly<Record<Path, { readonly writeUnits: number; readonly messages: number }>>
}
type Path = 'completed' | 'invalidPremium' | 'unknownCustomer'

const figures = {} as Record<Quoting, Figures>
for (const quoting of quotings) figures[quoting] = await measure(quoting)
print()
if (json !== undefined) writeFileSync(json, `${JSON.stringify({ quotes, concurrency, figures }, null, 2)}\n`)
process.exitCode = quotings.every(quoting => figures[quoting].wrong.length === 0) ? 0 : 1

async function measure(quoting: Quoting): Promise<Figures> {
  say(`${quoting}: starting …`)
  const stateDir = mkdtempSync(join(tmpdir(), 'recourse-bench-'))
  const { directory } = await synthesize('local', join(stateDir, 'cdk.out'), { quoting })
  const runtime = await startRuntime({
    port: 0,
    kafkaPort: await freePort(),
    dynamodbPort: await freePort(),
    stateDir,
    longLived: true,
    sweepSeconds: 60,
    cdkOut: directory,
    say: () => {},
  })
  try {
    const customers = await createCustomers(runtime)
    say(`${quoting}: warming up with ${WARM_UP} quotes`)
    await load(runtime, quoting, customers, WARM_UP, 'warm', WARM_UP_CONCURRENCY)
    say(`${quoting}: measuring ${quotes} quotes, ${concurrency} at once`)
    const before = await runtime.stats()
    const { seconds, latencies, wrong } = await load(runtime, quoting, customers, quotes, 'run')
    // What follows a quote's end: acknowledgements, the last event.
    await new Promise(resolve => setTimeout(resolve, 3000))
    const after = await runtime.stats()
    const at = (quantile: number) =>
      Math.round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * quantile))] ?? Number.NaN)
    const each = (of: (stats: RuntimeStats) => number) => Math.round(((of(after) - of(before)) / quotes) * 100) / 100
    const sum = (figure: 'cpuMs' | 'invocations' | 'databaseCalls') => (stats: RuntimeStats) =>
      Object.values(stats.functions).reduce((total, fn) => total + fn[figure], 0)
    return {
      quotesASecond: Math.round((quotes / seconds) * 10) / 10,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      wrong,
      messages: each(stats => Object.values(stats.messages).reduce((total, n) => total + n, 0)),
      databaseCalls: each(sum('databaseCalls')),
      invocations: each(sum('invocations')),
      ownCpuMs: each(sum('cpuMs')),
      paths: {
        completed: await costOf(quoting, 100, true),
        invalidPremium: await costOf(quoting, -1, true),
        unknownCustomer: await costOf(quoting, 100, false),
      },
    }
  } finally {
    await runtime.stop()
    rmSync(stateDir, { recursive: true, force: true })
  }
}

/** One quote alone, without any fault, from its draft: DynamoDB's write units by its rules, and messages. */
async function costOf(quoting: Quoting, premium: number, known: boolean) {
  let writes: ReturnType<typeof metered>['writes'] = []
  const through = (store: Store, tables: Parameters<typeof metered>[1]) => {
    const meter = metered(store, tables)
    writes = meter.writes
    return meter.store
  }
  const system = quotingSystem(quoting, { through })
  const call = gatewayTo(system.app)
  const customerId = 'customer-0000000001'
  if (known)
    await call({
      method: 'POST',
      path: '/customers',
      body: { customerId, name: 'c' },
      sub: 'olga',
      groups: 'operators',
    })
  writes.length = 0
  const quoteID = '01JD2QXWV5Z8F3K7M9PRST0000000001'
  await call({ method: 'POST', path: '/quotes', body: { quoteID, premium, customerId } })
  await call({ method: 'POST', path: `/quotes/${quoteID}/approve` })
  return {
    writeUnits: writes.reduce((total, { base, indexes }) => total + base + indexes, 0),
    messages: system.records().length,
  }
}

async function createCustomers({ url }: Runtime): Promise<string[]> {
  const token = await signToken({ sub: 'bench', groups: ['operators'] })
  const customers = Array.from({ length: CUSTOMERS }, (_, i) => `bench-${i}`)
  for (const customerId of customers) {
    const answer = await fetch(`${url}/customers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ customerId, name: customerId }),
    })
    if (answer.status !== 201) throw new Error(`${customerId}: ${answer.status} ${await answer.text()}`)
  }
  return customers
}

async function load(
  { url, brokers }: Runtime,
  quoting: Quoting,
  customers: string[],
  count: number,
  run: string,
  atOnce = concurrency,
) {
  const workerData: QuoteLoadSettings = {
    url,
    token: await signToken({ sub: 'alice' }),
    brokers,
    topic: quoting === 'choreography' ? 'quotes' : 'saga-events',
    run,
    quotes: count,
    concurrency: atOnce,
    customers,
  }
  return new Promise<QuoteLoadResult>((resolve, reject) => {
    const worker = new Worker(new URL('quote-load.ts', import.meta.url), { workerData })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

function print() {
  const table = new Table({ head: ['', ...quotings], style: { head: [], border: [] } })
  const row = (title: string, of: (figures: Figures) => string | number) =>
    table.push([title, ...quotings.map(quoting => of(figures[quoting]))])
  row('quotes a second', of => of.quotesASecond)
  row('p50, p99 from approval to completion', of => `${of.p50Ms} ms, ${of.p99Ms} ms`)
  row('Kafka messages a quote', of => of.messages)
  row('DynamoDB calls a quote', of => of.databaseCalls)
  row('invocations a quote', of => of.invocations)
  row('own CPU a quote', of => `${of.ownCpuMs} ms`)
  for (const path of ['completed', 'invalidPremium', 'unknownCustomer'] as const)
    row(`${path}: write units, messages`, of => `${of.paths[path].writeUnits}, ${of.paths[path].messages}`)
  row('wrong', of => of.wrong.length)
  console.log(table.toString())
  for (const line of quotings.flatMap(quoting => figures[quoting].wrong.slice(0, 5))) console.log(line)
}
