import { isDeepStrictEqual } from 'node:util'
import type { Order } from '../cli/order.ts'
import { plainTable } from '../cli/table.ts'
import type { LedgerEntry } from '../sandbox/book.ts'
import type { Scenario } from './orders.ts'

/** One message of a saga, where it was written, and the version of the item whose commit caused it. */
export interface TimelineRow {
  /** `OrderCreatedEvent` */
  readonly message: string
  readonly topic: string
  readonly partition: number
  readonly offset: number | string
  /** Undefined where the id does not tell it: a foreign message. */
  readonly version?: number | undefined
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
  // A slow machine may see a wake-up, and any message twice; and a user's own saga may go on where this one ends.
  const ofTheSaga = timeline.filter(({ message }) => /^(Order|Product|Payment)/.test(message))
  const messages = [...new Set(ofTheSaga.map(({ message }) => message))].sort()
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

/** The scenario's timeline and how it ended, as plain lines. `place`: `2/7`. `found`: undefined if it broke on the way. */
export function report(place: string, scenario: Scenario, found: Found | undefined, wrong: readonly string[]): string {
  return [
    '',
    `${place}  ${scenario.name}  (${scenario.paymentMethod})${found ? `  order ${found.order.orderId}` : ''}`,
    ...indent(found ? [timelineTable(found.timeline), summary(found)] : []),
    ...indent(wrong.length === 0 ? ['as it should'] : ['NOT AS IT SHOULD:', ...wrong.map(sentence => `- ${sentence}`)]),
  ].join('\n')
}

const timelineTable = (rows: readonly TimelineRow[]) =>
  plainTable(
    ['message', 'topic', 'partition', 'offset', 'item version'],
    rows.map(({ message, topic, partition, offset, version }) => [message, topic, partition, offset, version]),
  )

function summary({ order, history, stock, charges }: Found): string {
  const left = Object.entries(stock).map(([product, units]) => `${product} ${units}`)
  const paid = charges.map(({ status, amount, currency }) => `${status} ${amount} ${currency}`)
  return [
    `ended ${outcome(order)}`,
    `history ${history.join(', ') || 'none'}`,
    `stock left ${left.join(', ')}`,
    `charges ${paid.join(', ') || 'none'}`,
  ].join('; ')
}

const outcome = ({ status, reason }: { status: string; reason?: string }) =>
  reason === undefined ? status : `${status} (${reason})`

const differs = (what: string, expected: unknown, found: unknown): string | undefined =>
  isDeepStrictEqual(expected, found) ? undefined : `${what} ${inWords(found)}, and should be ${inWords(expected)}`

const inWords = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

const indent = (texts: readonly string[]) => texts.flatMap(text => text.split('\n')).map(line => `    ${line}`)
