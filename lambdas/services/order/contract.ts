/** What is said about orders. */
import { aggregateMessages } from '#shared/messaging/contract.ts'
import { id, itemLines, money, reason } from '#shared/messaging/fields.ts'
import * as z from 'zod'

const order = aggregateMessages('order', 'orderId')

export const OrderCreated = order.event(
  'OrderCreatedEvent',
  z.object({ customerId: id, items: itemLines, paymentMethod: z.string().min(1).max(256) }),
  { description: 'An order was placed; nobody has looked yet whether it can be had.' },
)
export const OrderApproved = order.event('OrderApprovedEvent', z.object({}), {
  description: 'The order is approved, for good: its products are reserved and paid.',
})
export const OrderRejected = order.event('OrderRejectedEvent', z.object({ reason }), {
  description: 'The order is rejected, for good; `reason` is the refusal that ended it, `TIMED_OUT` or `ABORTED`.',
})

export const OrderApprove = order.command('OrderApprovedCommand', z.object({ total: money.optional() }), {
  description: 'Approve the order. `total` is what it cost; we always send it.',
  done: [OrderApproved],
})
export const OrderReject = order.command('OrderRejectCommand', z.object({ reason }), {
  description: 'Reject the order: all that was done for it has been undone.',
  done: [OrderRejected],
})
