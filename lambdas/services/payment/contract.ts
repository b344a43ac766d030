/** Messages about an order's payment. */
import { messagesOf } from '#engine/model/messages.ts'
import { id, money, reason } from '#engine/model/fields.ts'
import * as z from 'zod'

const payment = messagesOf('payment', 'orderId')

export const PaymentProcessSuccessfulEvent = payment.event(
  'PaymentProcessSuccessfulEvent',
  z.object({ paymentId: id }),
  {
    description: 'The money was taken, once.',
  },
)
export const PaymentFailedEvent = payment.event('PaymentFailedEvent', z.object({ reason }), {
  description:
    'Nothing was taken. Our service says `CARD_DECLINED` or `CANCELLED`; another may have reasons of its own.',
})
export const PaymentVoidedEvent = payment.event('PaymentVoidedEvent', z.object({ refunded: z.boolean() }), {
  description: 'Nothing is taken, and nothing will be. `refunded`: it had been, and was given back.',
})

export const PaymentProcessCommand = payment.command(
  'PaymentProcessCommand',
  z.object({ ...money.shape, paymentMethod: z.string().min(1).max(256) }),
  {
    description: 'Take `amount` (minor units) once, however often this is sent.',
    done: [PaymentProcessSuccessfulEvent],
    refused: [PaymentFailedEvent],
  },
)
export const PaymentVoidCommand = payment.command('PaymentVoidCommand', z.object({ reason }), {
  description: 'Give the money back, or see to it that a charge that is under way is never taken.',
  done: [PaymentVoidedEvent],
})
