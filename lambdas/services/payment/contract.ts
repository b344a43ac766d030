/** What is said about an order's payment. */
import { aggregateMessages } from '#shared/messaging/contract.ts'
import { id, money, reason } from '#shared/messaging/fields.ts'
import * as z from 'zod'

const payment = aggregateMessages('payment', 'orderId')

export const PaymentSuccessful = payment.event('PaymentProcessSuccessfulEvent', z.object({ paymentId: id }))
/** Nothing was taken. Ours says `CARD_DECLINED` or `CANCELLED`; another service may have reasons of its own. */
export const PaymentFailed = payment.event('PaymentFailedEvent', z.object({ reason }))
/** Nothing is taken, and nothing will be. `refunded`: it had been. */
export const PaymentVoided = payment.event('PaymentVoidedEvent', z.object({ refunded: z.boolean() }))

/** Takes `amount` (minor units) once, however often it is asked. */
export const PaymentProcess = payment.command(
  'PaymentProcessCommand',
  z.object({ ...money.shape, paymentMethod: z.string().min(1).max(256) }),
  { done: [PaymentSuccessful], refused: [PaymentFailed] },
)
/** Gives the money back, or sees to it that a charge that is under way is never taken. */
export const PaymentVoid = payment.command('PaymentVoidCommand', z.object({ reason }), { done: [PaymentVoided] })
