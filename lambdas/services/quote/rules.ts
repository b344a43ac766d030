/**
 * A quote is DRAFT, APPROVED, then COMPLETED or REJECTED; the last two are final, and nobody else decides them: whatever
 * others say of a rejection is a claim until it is committed here. Pure.
 */
import type { Aggregate, Decision, Heard, Said, Seen } from '#shared/aggregate.ts'
import type { Body } from '#shared/messaging/contract.ts'
import * as c from './contract.ts'
import { quotesTable } from './tables.ts'

export interface Quote {
  readonly status: 'DRAFT' | 'APPROVED' | 'COMPLETED' | 'REJECTED'
  readonly customerId?: string
  readonly premium?: number
  /** The token's `sub` that made it; none: it was first heard of on Kafka. */
  readonly owner?: string
  readonly policyID?: string
  readonly reason?: string
  /** The version with which it was rejected: what tells its decision from a claim. */
  readonly rejectedVersion?: number
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly updatedAt: string
  readonly approvedAt?: string
}

export const quote: Aggregate<Quote> = {
  type: 'quote',
  table: quotesTable,
  hears: [c.QuoteApproved, c.RejectQuote, c.CompleteQuote, c.QuoteRejected],
  says: [c.QuoteApproved, c.QuoteCompleted, c.QuoteRejected],
  decide: (state, heard, seen) => {
    switch (heard.type) {
      case c.QuoteApproved.type:
        return approvedElsewhere(state, heard.body as Body<typeof c.QuoteApproved>, seen)
      case c.CompleteQuote.type:
        return complete(state, heard.body as Body<typeof c.CompleteQuote>, seen)
      case c.RejectQuote.type:
        return reject(state, heard.body as Body<typeof c.RejectQuote>, seen)
      default:
        return claimed(state, heard, seen)
    }
  },
}

/** A new quote. `body` as the API checked it. */
export function draft(
  body: { readonly customerId: string; readonly premium: number },
  { owner, now }: { readonly owner: string; readonly now: number },
): Quote {
  const at = new Date(now).toISOString()
  return { status: 'DRAFT', ...body, owner, createdAt: at, updatedAt: at }
}

/** Its owner approves it: the new state, and what the change feed will say. */
export function approve(state: Quote, now: number): { state: Quote; send: Said[] } {
  const at = new Date(now).toISOString()
  const { premium = 0, customerId = '' } = state
  return {
    state: { ...state, status: 'APPROVED', approvedAt: at, updatedAt: at },
    send: [{ message: c.QuoteApproved, body: { premium, customerId } }],
  }
}

/** The feed's own event, or a quote that was approved elsewhere and is first heard of here. */
function approvedElsewhere(
  state: Quote | undefined,
  { premium, customerId }: Body<typeof c.QuoteApproved>,
  { now }: Seen,
): Decision<Quote> {
  if (state && state.status !== 'DRAFT') return { kind: 'ignore', why: `the quote is ${state.status}` }
  const at = new Date(now).toISOString()
  return {
    kind: 'commit',
    state: { createdAt: at, ...state, status: 'APPROVED', premium, customerId, approvedAt: at, updatedAt: at },
  }
}

function complete(state: Quote | undefined, body: Body<typeof c.CompleteQuote>, { now }: Seen): Decision<Quote> {
  if (state?.status === 'COMPLETED' || state?.status === 'REJECTED')
    return { kind: 'answer', send: [decisionOf(state)] }
  const at = new Date(now).toISOString()
  const { policyID, customerId } = body
  const completed: Quote = { createdAt: at, customerId, ...state, status: 'COMPLETED', policyID, updatedAt: at }
  return { kind: 'commit', state: completed, send: [decisionOf(completed)] }
}

function reject(state: Quote | undefined, { reason }: { reason: string }, seen: Seen): Decision<Quote> {
  if (state?.status === 'COMPLETED' || state?.status === 'REJECTED')
    return { kind: 'answer', send: [decisionOf(state)] }
  const at = new Date(seen.now).toISOString()
  const [rejectedVersion] = seen.next
  const rejected: Quote = { createdAt: at, ...state, status: 'REJECTED', reason, rejectedVersion, updatedAt: at }
  return { kind: 'commit', state: rejected, send: [decisionOf(rejected)] }
}

/** Somebody says that it is rejected. What was decided already stays, and is not said again: that would echo. */
function claimed(state: Quote | undefined, heard: Heard, seen: Seen): Decision<Quote> {
  const { reason, version } = heard.body as Body<typeof c.QuoteRejected>
  if (version !== undefined) return { kind: 'ignore', why: 'it is a decision, and so our own' }
  if (state?.status === 'COMPLETED' || state?.status === 'REJECTED')
    return { kind: 'ignore', why: `the quote is ${state.status}` }
  return reject(state, { reason }, seen)
}

/** What a final quote says of itself, whatever it was asked. */
const decisionOf = ({ status, policyID, reason, rejectedVersion }: Quote): Said =>
  status === 'REJECTED'
    ? {
        message: c.QuoteRejected,
        body: { reason: reason ?? '', ...(rejectedVersion !== undefined && { version: rejectedVersion }) },
      }
    : { message: c.QuoteCompleted, body: { policyID: policyID ?? '' } }
