/** Messages about orders. */
import { messagesOf } from '#engine/model/messages.ts'
import { id, itemLines, money, reason } from '#engine/model/fields.ts'
import * as z from 'zod'

const order = messagesOf('order', 'orderId')

export const OrderCreatedEvent = order.event(
  'OrderCreatedEvent',
  z.object({ customerId: id, items: itemLines, paymentMethod: z.string().min(1).max(256) }),
  { description: 'An order was placed; nobody has looked yet whether it can be had.' },
)
export const OrderApprovedEvent = order.event('OrderApprovedEvent', z.object({}), {
  description: 'The order is approved, for good: its products are reserved and paid.',
})
export const OrderRejectedEvent = order.event('OrderRejectedEvent', z.object({ reason }), {
  description: 'The order is rejected, for good; `reason` is the refusal that ended it, `TIMED_OUT` or `ABORTED`.',
})

export const OrderApprovedCommand = order.command('OrderApprovedCommand', z.object({ total: money.optional() }), {
  description: 'Approve the order. `total` is what it cost; we always send it.',
  done: [OrderApprovedEvent],
})
export const OrderRejectCommand = order.command('OrderRejectCommand', z.object({ reason }), {
  description: 'Reject the order: all that was done for it has been undone.',
  done: [OrderRejectedEvent],
})
