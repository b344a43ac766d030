import type { Aggregate, Decision, Heard, Seen } from '#shared/aggregate.ts'
import { appended } from '#shared/messaging/fold.ts'
import { appendOf, eventOf, eventSourced } from '#shared/messaging/event-sourced.ts'
import { senderIdOf } from '#shared/messaging/message-identity.ts'
import * as c from './contract.ts'
import { foldQuote, identityOfEvent, quoteEvents, quoteEventStore, quoteOf } from './events.ts'
import { orchestratedQuote } from './orchestrated.ts'
import type { Quote } from './rules.ts'

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
  decide(state, heard, seen) {
    const isCommand = heard.type === c.RejectQuote.type || heard.type === c.CompleteQuote.type
    const decision = isCommand ? commanded.decide(state, heard, seen) : takeIn(state, heard, seen)
    if (decision.kind !== 'commit') return decision
    const stream = [...seen.stream, ...appended(eventSourcedQuote, decision.alongside)]
    return { ...decision, state: { ...decision.state, ...foldQuote(stream) } }
  },
}

/** Nobody but our aggregates makes such ids, and they append what they say. */
const isOurs = ({ id }: Heard) => /^(quote|policy|customer-update):.+\.\d+\.\d+$/.test(id)

function takeIn(state: Quote | undefined, heard: Heard, seen: Seen): Decision<Quote> {
  if (isOurs(heard)) return { kind: 'ignore', why: 'it came from the store' }
  const quoteID = quoteOf(heard)
  if (quoteID === undefined) return { kind: 'ignore', why: 'it belongs to no quote' }
  const { stream, now } = seen
  if (stream.some(event => identityOfEvent(event) === heard.id)) return { kind: 'ignore', why: 'it is stored already' }
  if (!quoteEventStore.mayAppend(stream, heard.type))
    return { kind: 'ignore', why: `the stream is closed to ${heard.type}` }
  const message = quoteEvents.find(({ type }) => type === heard.type)
  if (!message) throw new Error(`the quote takes in ${heard.type}, which no stream holds`)
  const eventID = senderIdOf(heard.id)
  const event = eventOf(quoteEventStore, message, {
    eventID,
    body: { ...heard.body, quoteID },
    causationID: heard.causationId,
  })
  const place = { stream: quoteID, sequenceNumber: stream.length + 1, at: now }
  // Its sender's id is not all that a duplicate is known by.
  const identity = eventID !== heard.id && { identity: heard.id }
  const append = appendOf(quoteEventStore, place, { ...event, ...identity, takenIn: true })
  return { kind: 'commit', state: after(state, heard, seen), alongside: [append] }
}

/** The row after an event that others appended, but for what the stream itself says (`foldQuote`). */
function after(state: Quote | undefined, heard: Heard, { now }: Seen): Quote {
  const at = new Date(now).toISOString()
  const approved = heard.type === c.QuoteApproved.type && { approvedAt: at, approvalId: heard.id }
  return { createdAt: at, status: 'APPROVED', ...state, ...approved, updatedAt: at }
}
