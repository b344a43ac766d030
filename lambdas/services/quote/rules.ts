/**
 * A quote is DRAFT, APPROVED, then COMPLETED or REJECTED; the last two are final, and nobody else decides them: whatever
 * others say of a rejection is a claim until it is committed here. Pure.
 */
import type { Decision, Message, OutgoingMessage, DecisionContext } from '#engine/model/aggregate.ts'
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
  /** The id of the message that said so, with which it is said again. */
  readonly approvalId?: string
  /** In choreography: the customer's count is done. */
  readonly counted?: boolean
}

/** After which a quote that is still APPROVED is looked at. */
export const REMIND_AFTER_MS = 60_000

/**
 * Where a quote that is APPROVED for long is found: the index `byReminder`. Also one whose approval was never heard of:
 * in an event store the bell of what began it may be lost.
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

/** A new quote. `body` as the API checked it. */
export function draft(
  body: { readonly customerId: string; readonly premium: number },
  { owner, now }: { readonly owner: string; readonly now: number },
): Quote {
  const at = new Date(now).toISOString()
  return { status: 'DRAFT', ...body, owner, createdAt: at, updatedAt: at }
}

/** Its owner approves it, by a message of the id `approvalId`: the new state, and what the change feed will say. */
export function approve(
  state: Quote,
  { now, approvalId }: { readonly now: number; readonly approvalId: string },
): { state: Quote; publish: OutgoingMessage[] } {
  const at = new Date(now).toISOString()
  const { premium = 0, customerId = '' } = state
  return {
    state: { ...state, status: 'APPROVED', approvedAt: at, approvalId, updatedAt: at },
    publish: [{ message: c.QuoteApproved, body: { premium, customerId } }],
  }
}

/** The feed's own event, or a quote that was approved elsewhere and is first heard of here. */
export function approvedElsewhere(
  state: Quote | undefined,
  { id: approvalId, body: { premium, customerId } }: Message<Body<typeof c.QuoteApproved>>,
  { now }: DecisionContext,
): Decision<Quote> {
  const isNews = !state || state.status === 'DRAFT' || (state.status === 'APPROVED' && state.approvedAt === undefined)
  if (!isNews) return { kind: 'ignore', why: `the quote is ${state.status}` }
  const at = new Date(now).toISOString()
  const approved = { approvedAt: at, approvalId, updatedAt: at }
  return { kind: 'commit', state: { createdAt: at, ...state, status: 'APPROVED', premium, customerId, ...approved } }
}

export function complete(
  state: Quote | undefined,
  body: Omit<Body<typeof c.CompleteQuote>, 'quoteID'>,
  { now }: DecisionContext,
): Decision<Quote> {
  if (isFinal(state)) return { kind: 'answer', publish: [decisionOf(state)] }
  const at = new Date(now).toISOString()
  const { policyID, customerId } = body
  const completed: Quote = { createdAt: at, customerId, ...state, status: 'COMPLETED', policyID, updatedAt: at }
  return { kind: 'commit', state: completed, publish: [decisionOf(completed)] }
}

export function reject(
  state: Quote | undefined,
  { reason }: { reason: string },
  context: DecisionContext,
): Decision<Quote> {
  if (isFinal(state)) return { kind: 'answer', publish: [decisionOf(state)] }
  const at = new Date(context.now).toISOString()
  const [rejectedVersion] = context.next
  const rejected: Quote = { createdAt: at, ...state, status: 'REJECTED', reason, rejectedVersion, updatedAt: at }
  return { kind: 'commit', state: rejected, publish: [decisionOf(rejected)] }
}

/** Somebody says that it is rejected. What was decided already stays, and is not said again: that would echo. */
export function claimed(state: Quote | undefined, message: Message, context: DecisionContext): Decision<Quote> {
  const { reason, version } = message.body as Body<typeof c.QuoteRejected>
  if (version !== undefined) return { kind: 'ignore', why: 'it is a decision, and so our own' }
  if (isFinal(state)) return { kind: 'ignore', why: `the quote is ${state.status}` }
  return reject(state, { reason }, context)
}

/** Whether nobody changes it any more. */
export const isFinal = (state: Quote | undefined): state is Quote & { status: 'COMPLETED' | 'REJECTED' } =>
  state?.status === 'COMPLETED' || state?.status === 'REJECTED'

/** What a final quote says of itself, whatever it was asked. */
export const decisionOf = ({ status, policyID, reason, rejectedVersion }: Quote): OutgoingMessage =>
  status === 'REJECTED'
    ? {
        message: c.QuoteRejected,
        body: { reason: reason ?? '', ...(rejectedVersion !== undefined && { version: rejectedVersion }) },
      }
    : { message: c.QuoteCompleted, body: { policyID: policyID ?? '' } }
