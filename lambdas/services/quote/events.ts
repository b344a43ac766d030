/**
 * The event store of quoting: each quote's stream, from 1 without gaps. What may follow what: after a rejection nothing
 * counts, after a count nothing rejects, there is one policy, and nothing is published twice. Pure.
 */
import type { Message, Table } from '#engine/model/aggregate.ts'
import type { FunctionTables } from '#engine/catalog/catalog.ts'
import type { EventStore } from '#engine/event-store/event-sourced-aggregate.ts'
import type { Item } from '#engine/model/ports.ts'
import type { Quoting } from '../../quoting.ts'
import * as customers from '../customer/contract.ts'
import * as policies from '../policy/contract.ts'
import * as quotes from './contract.ts'
import type { Quote } from './rules.ts'

export const quoteEventsTable = {
  name: 'quote-events',
  partition: 'quoteID',
  sort: { name: 'sequenceNumber', type: 'number' },
} as const

/** What a function needs beside its own tables in a wiring. */
export const eventTables = (quoting: Quoting): readonly Table[] =>
  quoting === 'event-sourcing' ? [quoteEventsTable] : []

/** What who appends does with them. */
export const eventTableUse = (quoting: Quoting): readonly FunctionTables[] =>
  eventTables(quoting).map(table => ({ table, use: ['query', 'put'] }))

/** All that a stream holds. */
export const quoteEvents = [
  quotes.QuoteApproved,
  policies.PolicyCreated,
  policies.PolicyCreationFailed,
  policies.PolicyCancelled,
  customers.CustomerPolicyCountUpdated,
  customers.CustomerPolicyCountUpdateFailed,
  customers.CustomerPolicyCountReverted,
  quotes.QuoteCompleted,
  quotes.QuoteRejected,
]

export const quoteEventStore: EventStore = { table: quoteEventsTable, mayAppend }

function mayAppend(stream: readonly Item[], type: string): boolean {
  const has = ({ type }: { readonly type: string }) => stream.some(event => event['eventType'] === type)
  if (has({ type })) return false
  const rejected = has(quotes.QuoteRejected)
  const closed = rejected || has(quotes.QuoteCompleted)
  const counted = has(customers.CustomerPolicyCountUpdated) && !has(customers.CustomerPolicyCountReverted)
  switch (type) {
    case quotes.QuoteApproved.type:
    case quotes.QuoteCompleted.type:
      return !closed
    case quotes.QuoteRejected.type:
      return !closed && !counted
    case policies.PolicyCreated.type:
      return !rejected && !has(policies.PolicyCancelled)
    case policies.PolicyCreationFailed.type:
      return !closed && !has(policies.PolicyCreated)
    case customers.CustomerPolicyCountUpdated.type:
      return !rejected && !has(customers.CustomerPolicyCountReverted)
    case customers.CustomerPolicyCountUpdateFailed.type:
      return !closed && !counted
    default:
      // What takes back is always taken.
      return true
  }
}

/** The stream that a command or an event belongs to: its quote's. A number that is set without a quote belongs to none. */
export const quoteOf = ({ sagaId, body }: Message): string | undefined =>
  body['quoteID'] === undefined ? undefined : sagaId

/** The quote as its stream has it. A quote that others speak of was approved somewhere, whether that is stored or not. */
export function foldQuote(
  stream: readonly Item[],
): Pick<Quote, 'status' | 'customerId' | 'premium' | 'policyID' | 'reason'> {
  let quote: ReturnType<typeof foldQuote> = { status: 'APPROVED' }
  for (const event of stream) {
    const { type, body } = messageOf(event)
    const { customerId, premium, policyID, reason } = body as Partial<Quote>
    if (type === quotes.QuoteApproved.type) quote = { ...quote, customerId, premium }
    else if (type === quotes.QuoteCompleted.type) quote = { ...quote, status: 'COMPLETED', policyID }
    else if (type === quotes.QuoteRejected.type) quote = { ...quote, status: 'REJECTED', reason }
    // What others append to a quote that is final is not the quote's: it does not look again.
    else if (quote.status === 'APPROVED') quote = { customerId, ...definedOf(quote) }
  }
  return quote
}

/** Without the fields that have no value. */
export const definedOf = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T

/** What a duplicate of an event is known by: its id, and of another's message also where that came from. */
export const identityOfEvent = (event: Item) => (event['identity'] ?? event['eventID']) as string

/** An event of the store as a decision is given it. A claim that is stored is a decision. */
export function messageOf(event: Item): Message {
  const { quoteID, eventType, causationID, data, timestamp } = event
  const message = quoteEvents.find(({ type }) => type === eventType)
  const idField = message?.idField ?? 'quoteID'
  return {
    id: identityOfEvent(event),
    type: eventType as string,
    sagaId: quoteID as string,
    body: {
      ...(eventType === quotes.QuoteRejected.type && { version: event['sequenceNumber'] }),
      ...(data as Record<string, unknown>),
      [idField]: event[idField] ?? quoteID,
    },
    sentAt: Date.parse(timestamp as string),
    ...(causationID !== undefined && { causationId: causationID as string }),
  }
}
