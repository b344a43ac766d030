/** An order is PENDING, then APPROVED or REJECTED; the last two are final. Pure. */
import type { Aggregate, Decision, Said, Seen } from '#shared/aggregate.ts'
import type { Body } from '#shared/messaging/contract.ts'
import { shardOf } from '#shared/shard.ts'
import * as c from './contract.ts'
import { ordersTable } from './tables.ts'

export interface Order {
  readonly status: 'PENDING' | 'APPROVED' | 'REJECTED'
  readonly customerId?: string
  readonly items?: Body<typeof c.OrderCreated>['items']
  readonly total?: { readonly amount: number; readonly currency: string }
  readonly reason?: string
  /** ISO 8601, UTC. */
  readonly createdAt?: string
  readonly updatedAt: string
  /** A hash of the request, where it came with an Idempotency-Key: the same key with another body is refused. */
  readonly fingerprint?: string
}

export const order: Aggregate<Order> = {
  type: 'order',
  table: ordersTable,
  hears: [c.OrderApprove, c.OrderReject],
  says: [c.OrderCreated, c.OrderApproved, c.OrderRejected],
  indexed: ({ status }, orderId) => ({ pendingShard: status === 'PENDING' ? pendingShard(orderId) : undefined }),
  decide: (state, heard, seen) =>
    heard.type === c.OrderApprove.type
      ? approve(state, heard.body as Body<typeof c.OrderApprove>, seen)
      : reject(state, heard.body as Body<typeof c.OrderReject>, seen),
}

/** A new order, and what its change feed will say. `body` as the API checked it. */
export function create(
  body: { customerId: string; items: Body<typeof c.OrderCreated>['items']; paymentMethod: string },
  about: { now: number; fingerprint?: string },
): { state: Order; send: Said[] } {
  const at = new Date(about.now).toISOString()
  const { paymentMethod, ...order } = body
  return {
    state: {
      status: 'PENDING',
      ...order,
      createdAt: at,
      updatedAt: at,
      ...(about.fingerprint !== undefined && { fingerprint: about.fingerprint }),
    },
    send: [{ message: c.OrderCreated, body: { ...order, paymentMethod } }],
  }
}

/** An order that was created elsewhere is first heard of here: its end is kept all the same. */
function approve(state: Order | undefined, { total }: Body<typeof c.OrderApprove>, seen: Seen): Decision<Order> {
  if (state && state.status !== 'PENDING') return { kind: 'answer', send: [replyOf(state)] }
  const approved: Order = {
    ...state,
    status: 'APPROVED',
    ...(total && { total }),
    updatedAt: new Date(seen.now).toISOString(),
  }
  return { kind: 'commit', state: approved, send: [replyOf(approved)] }
}

function reject(state: Order | undefined, { reason }: Body<typeof c.OrderReject>, seen: Seen): Decision<Order> {
  if (state && state.status !== 'PENDING') return { kind: 'answer', send: [replyOf(state)] }
  const rejected: Order = { ...state, status: 'REJECTED', reason, updatedAt: new Date(seen.now).toISOString() }
  return { kind: 'commit', state: rejected, send: [replyOf(rejected)] }
}

/** What the saga is told of a final order, whatever it asked for (rule 2). */
const replyOf = ({ status, reason }: Order): Said =>
  status === 'REJECTED'
    ? { message: c.OrderRejected, body: { reason: reason ?? '' } }
    : { message: c.OrderApproved, body: {} }

/** Orders that have not ended, in a few partitions: the sweeper looks at them. */
export const PENDING_SHARDS = 8
export const pendingShard = (orderId: string) => String(shardOf(orderId, PENDING_SHARDS))
