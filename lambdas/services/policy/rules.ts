/**
 * One policy a quote, if its premium is one: ACTIVE, then perhaps CANCELLED, for good. A cancel that comes first leaves a
 * tombstone, so that the late policy is refused. Pure.
 */
import { createHash } from 'node:crypto'
import type { Decision, Heard, Said, Seen } from '#shared/aggregate.ts'
import type { Body } from '#shared/messaging/contract.ts'
import type { Alongside, Ref } from '#shared/ports.ts'
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
type ToldOf = (policy: Policy, quoteID: string) => Said

/** The other items that deciding on it looks at. */
export const countOf = ({ customerId }: Wanted): readonly Ref[] => [count(customerId)]

export function create(
  state: Policy | undefined,
  heard: Heard<Wanted>,
  seen: Seen,
  { premiumMax, toldOf = replyOf }: PolicySettings & { readonly toldOf?: ToldOf },
): Decision<Policy> {
  if (state) return { kind: 'answer', send: [toldOf(state, heard.sagaId)] }
  const { premium, customerId } = heard.body
  const policyID = policyIdOf(heard.sagaId)
  if (!(Number.isFinite(premium) && premium > 0 && premium <= premiumMax)) {
    const refused: Policy = { status: 'REFUSED', policyID, customerId, reason: 'Invalid premium amount' }
    return { kind: 'commit', state: refused, send: [toldOf(refused, heard.sagaId)] }
  }
  const known = seen.read(count(customerId))
  const policyCount = Number(known?.['policyCount'] ?? 0) + 1
  const active: Policy = { status: 'ACTIVE', policyID, customerId, premium, policyCount }
  const counted: Alongside = known
    ? { kind: 'add', ref: count(customerId), add: { policyCount: 1 } }
    : { kind: 'insert', ref: count(customerId), item: { customerId, policyCount: 1, version: 1 } }
  return { kind: 'commit', state: active, send: [toldOf(active, heard.sagaId)], alongside: [counted] }
}

/** Cancels it for good, also one that was never asked for: a tombstone. */
export function cancel(
  state: Policy | undefined,
  heard: Pick<Heard, 'sagaId'>,
  { reason }: { readonly reason: string },
): Decision<Policy> {
  if (state?.status === 'CANCELLED') return { kind: 'answer', send: [cancelledOf(state, heard.sagaId)] }
  const cancelled: Policy = { policyID: policyIdOf(heard.sagaId), ...state, status: 'CANCELLED', reason }
  return {
    kind: 'commit',
    state: cancelled,
    send: [cancelledOf(cancelled, heard.sagaId)],
    ...(state?.status === 'ACTIVE' &&
      state.customerId !== undefined && {
        alongside: [{ kind: 'add', ref: count(state.customerId), add: { policyCount: -1 } }],
      }),
  }
}

/** The reply to the command. */
export function replyOf({ status, policyID, customerId, policyCount, reason }: Policy, quoteID: string): Said {
  return status === 'ACTIVE'
    ? { message: c.PolicyCreated, body: { policyID, quoteID, customerId, policyCount } }
    : { message: c.PolicyCreationFailed, body: { reason: reason ?? '' } }
}

export const cancelledOf = ({ policyID, customerId, reason }: Policy, quoteID: string): Said => ({
  message: c.PolicyCancelled,
  body: { policyID, quoteID, ...(customerId !== undefined && { customerId }), reason: reason ?? '' },
})

/** The same quote has the same policy. At most 64 characters, whatever the quote's id is. */
const policyIdOf = (quoteID: string) => `policy-${createHash('sha256').update(quoteID).digest('hex').slice(0, 24)}`
const count = (customerId: string): Ref => ({ table: policyCountsTable.name, key: { customerId } })
