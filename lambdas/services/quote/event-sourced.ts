import type { Aggregate, Decision, Message, DecisionContext } from '#engine/model/aggregate.ts'
import { appendOf, eventOf, eventSourced } from '#engine/event-store/event-sourced-aggregate.ts'
import { appended } from '#engine/event-store/read-stream.ts'
import { senderIdOf } from '#engine/delivery/message-identity.ts'
import * as c from './contract.ts'
import { foldQuote, identityOfEvent, quoteEvents, quoteEventStore, quoteOf } from './events.ts'
import { orchestratedQuote } from './orchestrated.ts'
import type { Quote } from './rules.ts'

/** Its replies to commands are appended. */
const commanded = eventSourced<Quote>(
  { ...orchestratedQuote, handles: [c.RejectQuote, c.CompleteQuote] },
  { store: quoteEventStore, of: quoteOf },
)

/**
 * The quote, whose row is a fold of its stream. It takes in what others publish on the events' topic: each once, by its id,
 * if the stream is not closed to it. A claim that is stored is a decision.
 */
export const eventSourcedQuote: Aggregate<Quote> = {
  ...commanded,
  handles: [...commanded.handles, ...quoteEvents.filter(event => event !== c.QuoteCompleted)],
  publishes: [],
  appends: [c.QuoteApproved, c.QuoteCompleted, c.QuoteRejected],
  // What came from the store is in the store: no need to look.
  stream: { table: quoteEventStore.table, of: message => (isOurs(message) ? undefined : quoteOf(message)) },
  decide(state, message, context) {
    const isCommand = message.type === c.RejectQuote.type || message.type === c.CompleteQuote.type
    const decision = isCommand ? commanded.decide(state, message, context) : takeIn(state, message, context)
    if (decision.kind !== 'commit') return decision
    const stream = [...context.stream, ...appended(quoteEventStore, decision.alongside)]
    return { ...decision, state: { ...decision.state, ...foldQuote(stream) } }
  },
}

/** Nobody but our aggregates makes such ids, and they append what they publish. */
const isOurs = ({ id }: Message) => /^(quote|policy|customer-update):.+\.\d+\.\d+$/.test(id)

function takeIn(state: Quote | undefined, message: Message, context: DecisionContext): Decision<Quote> {
  if (isOurs(message)) return { kind: 'ignore', why: 'it came from the store' }
  const quoteID = quoteOf(message)
  if (quoteID === undefined) return { kind: 'ignore', why: 'it belongs to no quote' }
  const { stream, now } = context
  if (stream.some(event => identityOfEvent(event) === message.id))
    return { kind: 'ignore', why: 'it is stored already' }
  if (!quoteEventStore.mayAppend(stream, message.type))
    return { kind: 'ignore', why: `the stream is closed to ${message.type}` }
  const messageType = quoteEvents.find(({ type }) => type === message.type)
  if (!messageType) throw new Error(`the quote takes in ${message.type}, which no stream holds`)
  const eventID = senderIdOf(message.id)
  const event = eventOf(quoteEventStore, messageType, {
    eventID,
    body: { ...message.body, quoteID },
    causationID: message.causationId,
  })
  const place = { stream: quoteID, sequenceNumber: stream.length + 1, at: now }
  // Its sender's id is not all that a duplicate is known by.
  const identity = eventID !== message.id && { identity: message.id }
  const append = appendOf(quoteEventStore, place, { ...event, ...identity, takenIn: true })
  return { kind: 'commit', state: after(state, message, context), alongside: [append] }
}

/** The row after an event that others appended, but for what the stream itself decides (`foldQuote`). */
function after(state: Quote | undefined, message: Message, { now }: DecisionContext): Quote {
  const at = new Date(now).toISOString()
  const approved = message.type === c.QuoteApproved.type && { approvedAt: at, approvalId: message.id }
  return { createdAt: at, status: 'APPROVED', ...state, ...approved, updatedAt: at }
}
