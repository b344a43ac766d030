import type { Decision, DecisionContext, Message } from '#engine/model/aggregate.ts'
import type { Body } from '#engine/model/messages.ts'
import * as customers from '../customer/contract.ts'
import * as policies from '../policy/contract.ts'
import * as c from './contract.ts'
import { quoteCommands } from './orchestrated.ts'
import { approvedElsewhere, completeOpen, decisionOf, isFinal, type Quote, rejectOpen } from './rules.ts'

/** After which the quote rejects itself. */
export const DEADLINE_MS = 15 * 60_000

/**
 * The quote without an orchestrator: completed once its policy is issued and counted, in whichever order that comes;
 * rejected when anybody says that it can't be. It owns time.
 */
export const choreographedQuote = quoteCommands
  .handles(c.QuoteApproved, { publishes: [c.QuoteRejected], decide: approvedOrLate })
  .handles(policies.PolicyCreated, { publishes: [c.QuoteCompleted], decide: issued })
  .handles(customers.CustomerPolicyCountUpdated, { publishes: [c.QuoteCompleted, c.QuoteRejected], decide: counted })
  .handles(policies.PolicyCancelled, { publishes: [c.QuoteRejected], decide: rejectedBecause(({ reason }) => reason) })
  .handles(policies.PolicyCreationFailed, {
    publishes: [c.QuoteRejected],
    decide: rejectedBecause(() => 'Policy creation failed'),
  })
  .build()

type Completed = typeof c.QuoteCompleted.type
type Rejected = typeof c.QuoteRejected.type

/** It is given its own approval again when it takes long, and rejects itself when it takes too long. */
function approvedOrLate(
  state: Quote | undefined,
  message: Message<Body<typeof c.QuoteApproved>>,
  context: DecisionContext,
): Decision<Quote, Rejected> {
  if (
    state?.status === 'APPROVED' &&
    state.approvedAt !== undefined &&
    context.now >= Date.parse(state.approvedAt) + DEADLINE_MS
  )
    return rejectOpen(state, { reason: 'TIMED_OUT' }, context)
  return approvedElsewhere(state, message, context)
}

/** There is a policy. Its count may have come first. */
function issued(
  state: Quote | undefined,
  { body: { policyID, customerId } }: Message<Body<typeof policies.PolicyCreated>>,
  context: DecisionContext,
): Decision<Quote, Completed> {
  if (isFinal(state) || state?.policyID !== undefined)
    return { kind: 'ignore', why: 'what follows from a policy was decided already' }
  if (state?.counted) return completeOpen(state, { policyID, customerId }, context)
  return {
    kind: 'commit',
    state: { ...knownQuote(state, context), customerId: state?.customerId ?? customerId, policyID },
  }
}

/** The policy counts. A quote that was rejected meanwhile publishes that again: it is to be taken back. */
function counted(
  state: Quote | undefined,
  { body: { quoteID, customerId } }: Message<Body<typeof customers.CustomerPolicyCountUpdated>>,
  context: DecisionContext,
): Decision<Quote, Completed | Rejected> {
  if (quoteID === undefined) return { kind: 'ignore', why: 'it belongs to no quote' }
  if (state?.status === 'REJECTED') return { kind: 'answer', publish: [decisionOf(state)] }
  if (state?.status === 'COMPLETED' || state?.counted) return { kind: 'ignore', why: 'it is counted already' }
  if (state?.policyID !== undefined) return completeOpen(state, { policyID: state.policyID, customerId }, context)
  return {
    kind: 'commit',
    state: { ...knownQuote(state, context), customerId: state?.customerId ?? customerId, counted: true },
  }
}

/** A quote that is open is rejected; one that nobody knows or that is final stays as it is. */
function rejectedBecause(reasonOf: (body: { reason: string }) => string) {
  return (
    state: Quote | undefined,
    { body }: Message<{ reason: string }>,
    context: DecisionContext,
  ): Decision<Quote, Rejected> =>
    state === undefined || isFinal(state) || state.status === 'DRAFT'
      ? { kind: 'ignore', why: `the quote is ${state?.status ?? 'unknown'}` }
      : rejectOpen(state, { reason: reasonOf(body) }, context)
}

/** A quote that others speak of was approved somewhere, whether that was heard here or not. */
function knownQuote(state: Quote | undefined, { now }: DecisionContext): Quote {
  const at = new Date(now).toISOString()
  return { createdAt: at, ...state, status: 'APPROVED', updatedAt: at }
}
