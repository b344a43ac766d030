import type { Decision, Heard, Seen } from '#shared/aggregate.ts'
import { reactions } from '#shared/choreography.ts'
import type { Body } from '#shared/messaging/contract.ts'
import * as customers from '../customer/contract.ts'
import * as policies from '../policy/contract.ts'
import * as c from './contract.ts'
import { approvedElsewhere, claimed, complete, decisionOf, isFinal, type Quote, reject, reminderOf } from './rules.ts'
import { quotesTable } from './tables.ts'

/** After which the quote rejects itself. */
export const DEADLINE_MS = 15 * 60_000

/**
 * The quote without an orchestrator: completed once its policy is issued and counted, in whichever order it hears so;
 * rejected when anybody says that it can't be. It owns time.
 */
export const quoteReactions = reactions<Quote>('quote', {
  type: 'quote',
  table: quotesTable,
  says: [c.QuoteApproved],
  indexed: reminderOf,
})
  .on(c.QuoteApproved, { publishes: [c.QuoteRejected], decide: approvedOrLate })
  .on(policies.PolicyCreated, { publishes: [c.QuoteCompleted], decide: issued })
  .on(customers.CustomerPolicyCountUpdated, { publishes: [c.QuoteCompleted, c.QuoteRejected], decide: counted })
  .on(policies.PolicyCancelled, { publishes: [c.QuoteRejected], decide: rejectedBecause(({ reason }) => reason) })
  .on(policies.PolicyCreationFailed, {
    publishes: [c.QuoteRejected],
    decide: rejectedBecause(() => 'Policy creation failed'),
  })
  .on(c.QuoteRejected, { publishes: [c.QuoteRejected], decide: claimed })
  .on(c.RejectQuote, {
    publishes: [c.QuoteCompleted, c.QuoteRejected],
    decide: (state, { body }, seen) => reject(state, body, seen),
  })
  .on(c.CompleteQuote, {
    publishes: [c.QuoteCompleted, c.QuoteRejected],
    decide: (state, { body }, seen) => complete(state, body, seen),
  })

/** It hears its own approval again when it takes long, and rejects itself when it takes too long. */
function approvedOrLate(
  state: Quote | undefined,
  heard: Heard<Body<typeof c.QuoteApproved>>,
  seen: Seen,
): Decision<Quote> {
  if (
    state?.status === 'APPROVED' &&
    state.approvedAt !== undefined &&
    seen.now >= Date.parse(state.approvedAt) + DEADLINE_MS
  )
    return reject(state, { reason: 'TIMED_OUT' }, seen)
  return approvedElsewhere(state, heard, seen)
}

/** There is a policy. Its count may have been heard of first. */
function issued(
  state: Quote | undefined,
  { body: { policyID, customerId } }: Heard<Body<typeof policies.PolicyCreated>>,
  seen: Seen,
): Decision<Quote> {
  if (isFinal(state) || state?.policyID !== undefined)
    return { kind: 'ignore', why: 'what follows from a policy was decided already' }
  if (state?.counted) return complete(state, { policyID, customerId }, seen)
  return { kind: 'commit', state: { ...heardOf(state, seen), customerId: state?.customerId ?? customerId, policyID } }
}

/** The policy counts. A quote that was rejected meanwhile says so again: it is to be taken back. */
function counted(
  state: Quote | undefined,
  { body: { quoteID, customerId } }: Heard<Body<typeof customers.CustomerPolicyCountUpdated>>,
  seen: Seen,
): Decision<Quote> {
  if (quoteID === undefined) return { kind: 'ignore', why: 'it belongs to no quote' }
  if (state?.status === 'REJECTED') return { kind: 'answer', send: [decisionOf(state)] }
  if (state?.status === 'COMPLETED' || state?.counted) return { kind: 'ignore', why: 'it is counted already' }
  if (state?.policyID !== undefined) return complete(state, { policyID: state.policyID, customerId }, seen)
  return {
    kind: 'commit',
    state: { ...heardOf(state, seen), customerId: state?.customerId ?? customerId, counted: true },
  }
}

/** A quote that is open is rejected; one that nobody knows or that is final stays as it is. */
function rejectedBecause(reasonOf: (body: { reason: string }) => string) {
  return (state: Quote | undefined, { body }: Heard<{ reason: string }>, seen: Seen): Decision<Quote> =>
    state === undefined || isFinal(state) || state.status === 'DRAFT'
      ? { kind: 'ignore', why: `the quote is ${state?.status ?? 'unknown'}` }
      : reject(state, { reason: reasonOf(body) }, seen)
}

/** A quote that others speak of was approved somewhere, whether that was heard here or not. */
function heardOf(state: Quote | undefined, { now }: Seen): Quote {
  const at = new Date(now).toISOString()
  return { createdAt: at, ...state, status: 'APPROVED', updatedAt: at }
}
