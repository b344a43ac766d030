/** An order is PENDING, then APPROVED or REJECTED; the last two are final. Pure. */
import { aggregate, publish } from '#engine/model/aggregate-builder.ts'
import type { Decision, DecisionContext, OutgoingMessage } from '#engine/model/aggregate.ts'
import type { Body } from '#engine/model/messages.ts'
import { pendingShard } from '#engine/model/pending.ts'
import * as c from './contract.ts'
import { ordersTable } from './tables.ts'

export interface Order {
  readonly status: 'PENDING' | 'APPROVED' | 'REJECTED'
  readonly customerId?: string
  readonly items?: Body<typeof c.OrderCreatedEvent>['items']
  readonly total?: { readonly amount: number; readonly currency: string }
  readonly reason?: string
  /** ISO 8601, UTC. */
  readonly createdAt?: string
  readonly updatedAt: string
  /** A hash of the request, where it came with an Idempotency-Key: the same key with another body is refused. */
  readonly fingerprint?: string
}

export const order = aggregate<Order>('order', {
  table: ordersTable,
  publishes: [c.OrderCreatedEvent],
  indexed: ({ status }, orderId) => ({ pendingShard: status === 'PENDING' ? pendingShard(orderId) : undefined }),
})
  .handles(c.OrderApprovedCommand, {
    publishes: [c.OrderApprovedEvent, c.OrderRejectedEvent],
    decide: (state, { body }, context) => approve(state, body, context),
  })
  .handles(c.OrderRejectCommand, {
    publishes: [c.OrderApprovedEvent, c.OrderRejectedEvent],
    decide: (state, { body }, context) => reject(state, body, context),
  })
  // The payer's token is kept nowhere else than in the message.
  .republishes(c.OrderCreatedEvent, ({ customerId, items }, { body: { paymentMethod } }) =>
    customerId === undefined || items === undefined
      ? undefined
      : publish(c.OrderCreatedEvent, { customerId, items, paymentMethod }),
  )
  .republishes(c.OrderApprovedEvent, finalReply)
  .republishes(c.OrderRejectedEvent, finalReply)
  .build()

type Reply = typeof c.OrderApprovedEvent.type | typeof c.OrderRejectedEvent.type

/** A new order, and what its change feed will publish. `body` as the API checked it. */
export function create(
  body: { customerId: string; items: Body<typeof c.OrderCreatedEvent>['items']; paymentMethod: string },
  about: { now: number; fingerprint?: string },
): { state: Order; publish: OutgoingMessage<typeof c.OrderCreatedEvent.type>[] } {
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
    publish: [publish(c.OrderCreatedEvent, { ...order, paymentMethod })],
  }
}

/** An order that was created elsewhere is first heard of here: its end is kept all the same. */
function approve(
  state: Order | undefined,
  { total }: Body<typeof c.OrderApprovedCommand>,
  context: DecisionContext,
): Decision<Order, Reply> {
  if (state && state.status !== 'PENDING') return { kind: 'answer', publish: [replyOf(state)] }
  const approved: Order = {
    ...state,
    status: 'APPROVED',
    ...(total && { total }),
    updatedAt: new Date(context.now).toISOString(),
  }
  return { kind: 'commit', state: approved, publish: [replyOf(approved)] }
}

function reject(
  state: Order | undefined,
  { reason }: Body<typeof c.OrderRejectCommand>,
  context: DecisionContext,
): Decision<Order, Reply> {
  if (state && state.status !== 'PENDING') return { kind: 'answer', publish: [replyOf(state)] }
  const rejected: Order = { ...state, status: 'REJECTED', reason, updatedAt: new Date(context.now).toISOString() }
  return { kind: 'commit', state: rejected, publish: [replyOf(rejected)] }
}

/** The reply of a final order, whatever the saga asked for (rule 2). */
const replyOf = ({ status, reason }: Order) =>
  status === 'REJECTED' ? publish(c.OrderRejectedEvent, { reason: reason ?? '' }) : publish(c.OrderApprovedEvent, {})

function finalReply(state: Order) {
  return state.status === 'PENDING' ? undefined : replyOf(state)
}
