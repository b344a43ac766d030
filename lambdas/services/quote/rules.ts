/**
 * A quote is DRAFT, APPROVED, then COMPLETED or REJECTED; the last two are final, and nobody else decides them: whatever
 * others publish of a rejection is a claim until it is committed here. Pure.
 */
import { publish } from '#engine/model/aggregate-builder.ts'
import type { Decision, DecisionContext, Message, OutgoingMessage } from '#engine/model/aggregate.ts'
import type { Body } from '#engine/model/messages.ts'
import { shardOf } from '#engine/model/shard.ts'
import * as c from './contract.ts'
import { REMIND_SHARDS } from './tables.ts'

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
  /** The id of the message that published it, with which it is published again. */
  readonly approvalId?: string
  /** In choreography: the customer's count is done. */
  readonly counted?: boolean
}

/** After which a quote that is still APPROVED is looked at. */
export const REMIND_AFTER_MS = 60_000

/**
 * Where a quote that is APPROVED for long is found: the index `byReminder`. Also one whose approval was never heard of:
 * in an event store the trigger of what began it may be lost.
 */
export const reminderOf = ({ status, approvedAt, createdAt }: Quote, quoteID: string) =>
  status === 'APPROVED'
    ? {
        remindPartition: remindPartition(shardOf(quoteID, REMIND_SHARDS)),
        remindAt: Date.parse(approvedAt ?? createdAt) + REMIND_AFTER_MS,
      }
    : {}
/** The partition of that index for one shard. */
export const remindPartition = (shard: number) => `APPROVED#${shard}`

type Completed = typeof c.QuoteCompleted.type
type Rejected = typeof c.QuoteRejected.type

/** A new quote. `body` as the API checked it. */
export function draft(
  body: { readonly customerId: string; readonly premium: number },
  { owner, now }: { readonly owner: string; readonly now: number },
): Quote {
  const at = new Date(now).toISOString()
  return { status: 'DRAFT', ...body, owner, createdAt: at, updatedAt: at }
}

/** Its owner approves it, by a message of the id `approvalId`: the new state, and what the change feed will publish. */
export function approve(
  state: Quote,
  { now, approvalId }: { readonly now: number; readonly approvalId: string },
): { state: Quote; publish: OutgoingMessage<typeof c.QuoteApproved.type>[] } {
  const at = new Date(now).toISOString()
  const { premium = 0, customerId = '' } = state
  return {
    state: { ...state, status: 'APPROVED', approvedAt: at, approvalId, updatedAt: at },
    publish: [publish(c.QuoteApproved, { premium, customerId })],
  }
}

/** The feed's own event, or a quote that was approved elsewhere and is first heard of here. */
export function approvedElsewhere(
  state: Quote | undefined,
  { id: approvalId, body: { premium, customerId } }: Message<Body<typeof c.QuoteApproved>>,
  { now }: DecisionContext,
): Decision<Quote, never> {
  const isNews = !state || state.status === 'DRAFT' || (state.status === 'APPROVED' && state.approvedAt === undefined)
  if (!isNews) return { kind: 'ignore', why: `the quote is ${state.status}` }
  const at = new Date(now).toISOString()
  const approved = { approvedAt: at, approvalId, updatedAt: at }
  return { kind: 'commit', state: { createdAt: at, ...state, status: 'APPROVED', premium, customerId, ...approved } }
}

export function complete(
  state: Quote | undefined,
  body: Omit<Body<typeof c.CompleteQuote>, 'quoteID'>,
  context: DecisionContext,
): Decision<Quote, Completed | Rejected> {
  if (isFinal(state)) return { kind: 'answer', publish: [decisionOf(state)] }
  return completeOpen(state, body, context)
}

/** Completes one that is not final. */
export function completeOpen(
  state: Quote | undefined,
  body: Omit<Body<typeof c.CompleteQuote>, 'quoteID'>,
  { now }: DecisionContext,
): Decision<Quote, Completed> {
  const at = new Date(now).toISOString()
  const { policyID, customerId } = body
  const completed: Quote = { createdAt: at, customerId, ...state, status: 'COMPLETED', policyID, updatedAt: at }
  return { kind: 'commit', state: completed, publish: [completedOf(completed)] }
}

export function reject(
  state: Quote | undefined,
  { reason }: { reason: string },
  context: DecisionContext,
): Decision<Quote, Completed | Rejected> {
  if (isFinal(state)) return { kind: 'answer', publish: [decisionOf(state)] }
  return rejectOpen(state, { reason }, context)
}

/** Rejects one that is not final. */
export function rejectOpen(
  state: Quote | undefined,
  { reason }: { reason: string },
  context: DecisionContext,
): Decision<Quote, Rejected> {
  const at = new Date(context.now).toISOString()
  const [rejectedVersion] = context.next
  const rejected: Quote = { createdAt: at, ...state, status: 'REJECTED', reason, rejectedVersion, updatedAt: at }
  return { kind: 'commit', state: rejected, publish: [rejectedOf(rejected)] }
}

/** Somebody says that it is rejected. What was decided already stays, and is not published again: that would echo. */
export function claimed(
  state: Quote | undefined,
  { body: { reason, version } }: Pick<Message<Body<typeof c.QuoteRejected>>, 'body'>,
  context: DecisionContext,
): Decision<Quote, Rejected> {
  if (version !== undefined) return { kind: 'ignore', why: 'it is a decision, and so our own' }
  if (isFinal(state)) return { kind: 'ignore', why: `the quote is ${state.status}` }
  return rejectOpen(state, { reason }, context)
}

/** Whether nobody changes it any more. */
export const isFinal = (state: Quote | undefined): state is Quote & { status: 'COMPLETED' | 'REJECTED' } =>
  state?.status === 'COMPLETED' || state?.status === 'REJECTED'

/** The reply of a final quote, whatever it was asked for. */
export const decisionOf = (quote: Quote) => (quote.status === 'REJECTED' ? rejectedOf(quote) : completedOf(quote))

/** A quote's decision is final, and so is what it says of it. */
export const decidedAgain = (quote: Quote) => (isFinal(quote) ? decisionOf(quote) : undefined)

export const approvedAgain = ({ premium, customerId }: Quote) =>
  premium === undefined || customerId === undefined ? undefined : publish(c.QuoteApproved, { premium, customerId })

const rejectedOf = ({ reason, rejectedVersion }: Quote) =>
  publish(c.QuoteRejected, {
    reason: reason ?? '',
    ...(rejectedVersion !== undefined && { version: rejectedVersion }),
  })

const completedOf = ({ policyID }: Quote) => publish(c.QuoteCompleted, { policyID: policyID ?? '' })
