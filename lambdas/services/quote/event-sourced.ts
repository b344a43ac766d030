import type { Aggregate, Decision, Heard, Seen } from '#shared/aggregate.ts'
import type { Body } from '#shared/messaging/contract.ts'
import { appendOf, eventSourced } from '#shared/messaging/event-sourced.ts'
import type { Value } from '#shared/ports.ts'
import * as c from './contract.ts'
import { quoteEvents, quoteEventStore, quoteOf } from './events.ts'
import { orchestratedQuote } from './orchestrated.ts'
import { approvedElsewhere, claimed, isFinal, type Quote } from './rules.ts'

/** Its replies to commands are appended. */
const commanded = eventSourced<Quote>(
  { ...orchestratedQuote, hears: [c.RejectQuote, c.CompleteQuote] },
  { store: quoteEventStore, of: quoteOf },
)

/**
 * The quote, whose row is a fold of its stream. It takes in what others say on the events' topic: each once, by its id,
 * if the stream is not closed to it. A claim that is stored is a decision.
 */
export const eventSourcedQuote: Aggregate<Quote> = {
  ...commanded,
  hears: [...commanded.hears, ...quoteEvents.filter(event => event !== c.QuoteCompleted)],
  says: [],
  appends: [c.QuoteApproved, c.QuoteCompleted, c.QuoteRejected],
  // What came from the store is in the store: no need to look.
  stream: { table: quoteEventStore.table, of: heard => (isOurs(heard) ? undefined : quoteOf(heard)) },
  decide: (state, heard, seen) =>
    heard.type === c.RejectQuote.type || heard.type === c.CompleteQuote.type
      ? commanded.decide(state, heard, seen)
      : takeIn(state, heard, seen),
}

/** Nobody but our aggregates makes such ids, and they append what they say. */
const isOurs = ({ id }: Heard) => /^(quote|policy|customer-update):.+\.\d+\.\d+$/.test(id)

function takeIn(state: Quote | undefined, heard: Heard, seen: Seen): Decision<Quote> {
  if (isOurs(heard)) return { kind: 'ignore', why: 'it came from the store' }
  const quoteID = quoteOf(heard)
  if (quoteID === undefined) return { kind: 'ignore', why: 'it belongs to no quote' }
  const { stream, now } = seen
  if (stream.some(event => event['eventID'] === heard.id)) return { kind: 'ignore', why: 'it is stored already' }
  if (!quoteEventStore.mayAppend(stream, heard.type))
    return { kind: 'ignore', why: `the stream is closed to ${heard.type}` }
  const message = quoteEvents.find(({ type }) => type === heard.type)
  const idField = message?.idField ?? 'quoteID'
  const { [idField]: about, quoteID: _, ...fields } = heard.body
  const data = {
    ...(idField !== 'quoteID' && { quoteID }),
    ...fields,
  } as { readonly [field: string]: Value }
  const event = appendOf(
    quoteEventStore,
    { stream: quoteID, sequenceNumber: stream.length + 1, at: now },
    {
      eventID: heard.id,
      eventType: heard.type,
      ...(idField !== 'quoteID' && { [idField]: about as string }),
      data,
      takenIn: true,
      ...(heard.causationId !== undefined && { causationID: heard.causationId }),
    },
  )
  return { kind: 'commit', state: after(state, heard, seen), alongside: [event] }
}

/** The row after an event that others appended. */
function after(state: Quote | undefined, heard: Heard, seen: Seen): Quote {
  const decision =
    heard.type === c.QuoteApproved.type
      ? approvedElsewhere(state, heard as Heard<Body<typeof c.QuoteApproved>>, seen)
      : heard.type === c.QuoteRejected.type
        ? claimed(state, { ...heard, body: { reason: heard.body['reason'] } }, seen)
        : undefined
  if (decision?.kind === 'commit') return decision.state
  const at = new Date(seen.now).toISOString()
  const customerId = heard.body['customerId'] as string | undefined
  if (isFinal(state)) return state
  return { createdAt: at, ...(customerId !== undefined && { customerId }), ...state, status: 'APPROVED', updatedAt: at }
}
