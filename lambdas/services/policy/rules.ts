/**
 * One policy a quote, if its premium is one: ACTIVE, then perhaps CANCELLED, for good. A cancel that comes first leaves a
 * tombstone, so that the late policy is refused. Pure.
 */
import { createHash } from 'node:crypto'
import { publish } from '#engine/model/aggregate-builder.ts'
import type { Decision, DecisionContext, Message, OutgoingMessage, Published } from '#engine/model/aggregate.ts'
import type { Body } from '#engine/model/messages.ts'
import type { Alongside, Ref } from '#engine/model/ports.ts'
import * as c from './contract.ts'
import { policyCountsTable } from './tables.ts'

/** REFUSED: its premium is none, and so it stays. CANCELLED without a `customerId`: cancelled before it was asked for. */
export interface Policy {
  readonly status: 'ACTIVE' | 'REFUSED' | 'CANCELLED'
  readonly policyID: string
  readonly customerId?: string
  readonly premium?: number
  readonly reason?: string
  /** How many policies the customer had with this one. */
  readonly policyCount?: number
}

export interface PolicySettings {
  /** The largest premium. */
  readonly premiumMax: number
}

/** What asks for a policy: a command, or a quote's approval. */
export type Wanted = Omit<Body<typeof c.CreatePolicy>, 'quoteID'>
/** What whoever asked is told of a policy, now and whenever they ask again. */
type AnswerOf<Type extends string> = (policy: Policy, quoteID: string) => OutgoingMessage<Type>

/** The other items that deciding on it looks at. */
export const countOf = ({ customerId }: Wanted): readonly Ref[] => [count(customerId)]

export function create<Type extends string>(
  state: Policy | undefined,
  message: Message<Wanted>,
  context: DecisionContext,
  { premiumMax, answerOf }: PolicySettings & { readonly answerOf: AnswerOf<Type> },
): Decision<Policy, Type, never> {
  if (state) return { kind: 'answer', publish: [answerOf(state, message.sagaId)] }
  const { premium, customerId } = message.body
  const policyID = policyIdOf(message.sagaId)
  if (!(Number.isFinite(premium) && premium > 0 && premium <= premiumMax)) {
    const refused: Policy = { status: 'REFUSED', policyID, customerId, reason: 'Invalid premium amount' }
    return { kind: 'commit', state: refused, publish: [answerOf(refused, message.sagaId)] }
  }
  const known = context.read(count(customerId))
  const policyCount = Number(known?.['policyCount'] ?? 0) + 1
  const active: Policy = { status: 'ACTIVE', policyID, customerId, premium, policyCount }
  const counted: Alongside = known
    ? { kind: 'add', ref: count(customerId), add: { policyCount: 1 } }
    : { kind: 'insert', ref: count(customerId), item: { customerId, policyCount: 1, version: 1 } }
  return { kind: 'commit', state: active, publish: [answerOf(active, message.sagaId)], alongside: [counted] }
}

/** Cancels it for good, also one that was never asked for: a tombstone. */
export function cancel(
  state: Policy | undefined,
  message: Pick<Message, 'sagaId'>,
  { reason }: { readonly reason: string },
): Decision<Policy, typeof c.PolicyCancelled.type> {
  if (state?.status === 'CANCELLED') return { kind: 'answer', publish: [cancelledOf(state, message.sagaId)] }
  const cancelled: Policy = { policyID: policyIdOf(message.sagaId), ...state, status: 'CANCELLED', reason }
  return {
    kind: 'commit',
    state: cancelled,
    publish: [cancelledOf(cancelled, message.sagaId)],
    ...(state?.status === 'ACTIVE' &&
      state.customerId !== undefined && {
        alongside: [{ kind: 'add', ref: count(state.customerId), add: { policyCount: -1 } }],
      }),
  }
}

/** The reply to the command. */
export const replyOf = (policy: Policy, quoteID: string) =>
  policy.status === 'ACTIVE'
    ? createdOf(policy, quoteID)
    : publish(c.PolicyCreationFailed, { reason: policy.reason ?? '' })

/** An ACTIVE one names its customer. */
export const createdOf = ({ policyID, customerId = '', policyCount }: Policy, quoteID: string) =>
  publish(c.PolicyCreated, { policyID, quoteID, customerId, policyCount })

export const cancelledOf = ({ policyID, customerId, reason }: Policy, quoteID: string) =>
  publish(c.PolicyCancelled, {
    policyID,
    quoteID,
    ...(customerId !== undefined && { customerId }),
    reason: reason ?? '',
  })

/** As it was created, also if it has been cancelled since. */
export const createdAgain = (policy: Policy, { key }: Pick<Published, 'key'>) =>
  policy.premium === undefined ? undefined : createdOf(policy, key)

export const cancelledAgain = (policy: Policy, { key }: Pick<Published, 'key'>) =>
  policy.status === 'CANCELLED' ? cancelledOf(policy, key) : undefined

/** The same quote has the same policy. At most 64 characters, whatever the quote's id is. */
const policyIdOf = (quoteID: string) => `policy-${createHash('sha256').update(quoteID).digest('hex').slice(0, 24)}`
const count = (customerId: string): Ref => ({ table: policyCountsTable.name, key: { customerId } })
