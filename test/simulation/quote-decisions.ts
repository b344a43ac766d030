/** What a decision of quoting must never be (quoting rules 1 to 4, and 6). */
import { DEADLINE_MS } from '../../lambdas/services/quote/choreographed.ts'
import type { Decided } from './decisions.ts'
import type { Item } from '#engine/model/ports.ts'
import type { Report } from './domain.ts'

/** By service, the events that it answers from its state, whenever they come. */
const ANSWERED: Readonly<Record<string, readonly string[]>> = {
  policy: ['QuoteApproved', 'CustomerPolicyCountUpdateFailed'],
  'customer-update': ['PolicyCreated'],
}
const TAKEN_BACK = ['CANCELLED', 'UNCOUNTED', 'REFUSED']

/** A quote that is first heard of when it is approved is kept. In an event store its stream keeps it. */
export function beginnings({ aggregate, state, message, decision }: Decided, report: Report) {
  const isNew = aggregate.type === 'quote' && message.type === 'QuoteApproved' && state === undefined
  if (isNew && decision.kind !== 'commit')
    report('beginnings-are-kept', `${message.sagaId} is approved, and nothing is kept of it`, message.sagaId)
}

export function choreographed(decided: Decided, report: Report) {
  beginnings(decided, report)
  const { aggregate, state, message, context, decision } = decided
  const { type, body, sagaId } = message
  const next = decision.kind === 'commit' ? (decision.state as typeof state) : state
  const ignored = decision.kind === 'ignore'
  const isQuotes = aggregate.type === 'quote'
  if (ignored && ANSWERED[aggregate.type]?.includes(type) && body['quoteID'] !== undefined)
    report('events-are-answered', `${aggregate.type} ignores ${type} ${message.id}: ${decision.why}`, sagaId)
  if (isQuotes && type === 'CustomerPolicyCountUpdated' && state?.['status'] === 'REJECTED' && ignored)
    if (body['quoteID'] !== undefined)
      report('late-counts-are-taken-back', `${sagaId} is REJECTED and keeps silent to a count`, sagaId)
  const isLate = context.now >= Date.parse(String(state?.['approvedAt'])) + DEADLINE_MS
  if (isQuotes && type === 'QuoteApproved' && isLate && next?.['status'] === 'APPROVED')
    report('deadline-ends-the-step', `${sagaId} is past its deadline and goes on`, sagaId)
  if (!isQuotes && type === 'QuoteRejected' && body['version'] !== undefined)
    if (!TAKEN_BACK.includes(String(next?.['status'])))
      report(
        'undo-leaves-a-tombstone',
        `${aggregate.type} ${sagaId} is given a rejection of its quote, and keeps ${String(next?.['status'])}`,
        sagaId,
      )
}

/** By event, what must not have been before it in its stream (quoting rule 7). */
const NEVER_AFTER: Readonly<Record<string, readonly string[]>> = {
  CustomerPolicyCountUpdated: ['QuoteRejected', 'CustomerPolicyCountReverted'],
  PolicyCreated: ['QuoteRejected', 'PolicyCancelled'],
  QuoteCompleted: ['QuoteRejected'],
  QuoteRejected: ['QuoteCompleted'],
}

/** After a rejection nothing counts, after a count nothing rejects, there is one policy, and nothing is said twice. */
export function inOrder(stream: readonly Item[], report: Report) {
  const before = new Set<string>()
  for (const { eventType, quoteID } of stream) {
    const type = String(eventType)
    const counts = before.has('CustomerPolicyCountUpdated') && !before.has('CustomerPolicyCountReverted')
    const wrong = [type, ...(NEVER_AFTER[type] ?? [])].find(other => before.has(other))
    if (wrong !== undefined || (type === 'QuoteRejected' && counts))
      report('stream-is-in-order', `${String(quoteID)}: ${type} after ${wrong ?? 'a count'}`, String(quoteID))
    before.add(type)
  }
}
