import type { ApiClient } from '../../client/api-client.ts'
import type { HistoryRow, Order } from '../../client/order.ts'
import type { LedgerEntry } from '../sandbox/book.ts'
import { type Scenario, scenarios } from './orders.ts'
import {
  differs,
  END_MAX_MS,
  outcome,
  type Play,
  type Played,
  poll,
  type Stage,
  type TimelineRow,
  typesOn,
} from './play.ts'

/** Every path of the order saga that a customer can bring about. */
export const orderPlays: readonly Play[] = scenarios.map(scenario => ({
  name: scenario.name,
  with: scenario.paymentMethod,
  play: stage => play(scenario, stage),
}))

/** Makes the products, places the order, waits for its end and for what follows it, and gathers what there is then. */
async function play(scenario: Scenario, stage: Stage): Promise<Played> {
  const { slug, operator, customer } = stage
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
    timeline: await stage.timeline(orderId),
  })
  // The order's end is told before the saga has heard of it: its last row and message follow.
  const found =
    order.status === 'PENDING'
      ? await gather()
      : await poll(stage.settleMaxMs, gather, found => judge(scenario, found).length === 0)
  return {
    subject: `order ${orderId}`,
    timeline: found.timeline,
    summary: summary(found),
    wrong: judge(scenario, found),
  }
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

/** What there is when an order has ended. */
export interface Found {
  readonly order: Order
  /** Statuses, oldest first. */
  readonly history: readonly string[]
  readonly stock: Readonly<Record<string, number>>
  readonly charges: readonly LedgerEntry[]
  readonly timeline: readonly TimelineRow[]
}

/** What is not as it should be, one sentence each; empty: all is. */
export function judge({ ends }: Scenario, { order, history, stock, charges, timeline }: Found): string[] {
  const { status, reason } = order
  const charge = charges.map(({ status, amount, currency }) => ({ status, amount, currency }))
  // A slow machine may see a wake-up, and any message twice.
  const messages = typesOn(timeline, /^(Order|Product|Payment)/)
  return [
    differs('it ended', outcome(ends), outcome({ status, ...(reason === undefined ? {} : { reason }) })),
    differs('its history is', ['CREATED', ends.status], history),
    differs('the stock is', ends.stock, stock),
    differs("the provider's ledger holds", ends.charge ? [ends.charge] : [], charge),
    differs('its messages are', [...ends.messages].sort(), messages),
    ends.status === 'APPROVED' && ends.charge
      ? differs('its total is', { amount: ends.charge.amount, currency: ends.charge.currency }, order.total)
      : undefined,
  ].filter(sentence => sentence !== undefined)
}

export function summary({ order, history, stock, charges }: Found): string {
  const left = Object.entries(stock).map(([product, units]) => `${product} ${units}`)
  const paid = charges.map(({ status, amount, currency }) => `${status} ${amount} ${currency}`)
  return [
    `ended ${outcome(order)}`,
    `history ${history.join(', ') || 'none'}`,
    `stock left ${left.join(', ')}`,
    `charges ${paid.join(', ') || 'none'}`,
  ].join('; ')
}
