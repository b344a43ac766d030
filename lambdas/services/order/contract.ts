/** What is said about orders. */
import { aggregateMessages } from '#shared/messaging/contract.ts'
import { id, itemLines, money, reason } from '#shared/messaging/fields.ts'
import * as z from 'zod'

const order = aggregateMessages('order', 'orderId')

/** An order was placed; nobody has looked yet whether it can be had. */
export const OrderCreated = order.event(
  'OrderCreatedEvent',
  z.object({ customerId: id, items: itemLines, paymentMethod: z.string().min(1).max(256) }),
)
export const OrderApproved = order.event('OrderApprovedEvent', z.object({}))
export const OrderRejected = order.event('OrderRejectedEvent', z.object({ reason }))

/** `total` is ours: the order learns from it what it cost. */
export const OrderApprove = order.command('OrderApprovedCommand', z.object({ total: money.optional() }), {
  done: [OrderApproved],
})
export const OrderReject = order.command('OrderRejectCommand', z.object({ reason }), { done: [OrderRejected] })
