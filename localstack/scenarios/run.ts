import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiClient, apiClient } from '../cli/client.ts'
import type { HistoryRow, Order } from '../cli/order.ts'
import type { LedgerEntry } from '../sandbox/book.ts'
import { type Scenario, scenarios } from './orders.ts'
import { type Found, judge, report, type TimelineRow } from './report.ts'

export interface ScenarioRun {
  /** The API: `http://127.0.0.1:3000`. */
  readonly url: string
  /** A token for a user. */
  token(sub: string, groups?: readonly string[]): Promise<string>
  /** The messages of one saga that have been seen on the topics so far, in the order in which they were written. */
  timeline(sagaId: string): Promise<readonly TimelineRow[]> | readonly TimelineRow[]
  /** One line of text or several, for a person. */
  print(text: string): void
  /** How long what follows an order's end may take (its last history row and message), milliseconds. Default 15,000. */
  readonly settleMaxMs?: number
}

/** How long an order may take from its acceptance to its end. */
const END_MAX_MS = 90_000
const SETTLE_MAX_MS = 15_000
const POLL_MS = 100

/** Places an order down every path, all at once, and prints how each ended. `ok`: each as it should, to the last unit. */
export async function runScenarios(run: ScenarioRun): Promise<{ ok: boolean }> {
  const runId = randomBytes(3).toString('hex')
  const operator = apiClient(run.url, await run.token('scenario-operator', ['operators']))
  const customer = apiClient(run.url, await run.token(`scenario-${runId}`))
  run.print(`placing ${scenarios.length} orders …`)

  // All are under way at once, and are told in their order.
  const underWay = scenarios.map(scenario => ({
    scenario,
    end: play(scenario, runId, { run, operator, customer }).catch((error: unknown) => error as Error),
  }))
  let good = 0
  for (const [i, { scenario, end }] of underWay.entries()) {
    const found = await end
    const wrong = found instanceof Error ? [found.message] : judge(scenario, found)
    if (wrong.length === 0) good += 1
    run.print(report(`${i + 1}/${scenarios.length}`, scenario, found instanceof Error ? undefined : found, wrong))
  }
  run.print(`\n${good} of ${scenarios.length} scenarios ended as they should`)
  return { ok: good === scenarios.length }
}

interface Stage {
  readonly run: ScenarioRun
  readonly operator: ApiClient
  readonly customer: ApiClient
}

/** Makes the products, places the order, waits for its end and for what follows it, and gathers what there is then. */
async function play(scenario: Scenario, runId: string, { run, operator, customer }: Stage): Promise<Found> {
  const slug = `${scenarios.indexOf(scenario) + 1}-${runId}`
  const idOf = (product: string) => `${product}-${slug}`
  for (const [name, { stock, ...price }] of Object.entries(scenario.products))
    await operator({ method: 'POST', path: '/products', body: { productId: idOf(name), name, price, stock } })

  const items = Object.entries(scenario.lines).map(([product, quantity]) => ({ productId: idOf(product), quantity }))
  const placed = await customer({
    method: 'POST',
    path: '/orders',
    body: { items, paymentMethod: scenario.paymentMethod },
    headers: { 'idempotency-key': slug, prefer: 'wait=20' },
  })
  const { orderId } = placed.body as Pick<Order, 'orderId'>
  const readOrder = async () => (await customer({ path: `/orders/${orderId}` })).body as Order
  const order = await poll(END_MAX_MS, readOrder, ({ status }) => status !== 'PENDING')

  const gather = async (): Promise<Found> => ({
    order: await readOrder(),
    history: ((await customer({ path: `/orders/${orderId}/history` })).body as { items: HistoryRow[] }).items.map(
      row => row.status,
    ),
    stock: await stockOf(operator, Object.keys(scenario.products), idOf),
    charges: await chargesOf(operator, orderId),
    timeline: await run.timeline(orderId),
  })
  // The order's end is told before the saga has heard of it: its last row and message follow.
  return order.status === 'PENDING'
    ? gather()
    : poll(run.settleMaxMs ?? SETTLE_MAX_MS, gather, found => judge(scenario, found).length === 0)
}

async function stockOf(
  api: ApiClient,
  names: readonly string[],
  idOf: (name: string) => string,
): Promise<Record<string, number>> {
  const stock = async (name: string) =>
    ((await api({ path: `/products/${idOf(name)}` })).body as { stock: number }).stock
  return Object.fromEntries(await Promise.all(names.map(async name => [name, await stock(name)] as const)))
}

async function chargesOf(api: ApiClient, orderId: string): Promise<LedgerEntry[]> {
  const { items } = (await api({ path: '/sandbox/charges' })).body as { items: LedgerEntry[] }
  return items.filter(charge => charge.orderId === orderId)
}

/** Asks until it is as it should be or the time is up; the last answer either way. */
async function poll<T>(maxMs: number, ask: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  const end = Date.now() + maxMs
  let value = await ask()
  while (!done(value) && Date.now() < end) {
    await sleep(POLL_MS)
    value = await ask()
  }
  return value
}

export type { TimelineRow }
