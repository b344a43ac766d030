/**
 * Messages of every shape that the wire has, for tests of the envelope: an id of their own or that of their saga, one beside
 * the other, one that may be missing; numbers, lists, choices, and a field that the contract changes as it is read. They are
 * an order's, a payment's and a policy's, as most people who write to a topic would write them; no service handles them.
 */
import * as z from 'zod'
import { id, itemLines, money, reason } from '#engine/model/fields.ts'
import { messagesOf } from '#engine/model/messages.ts'

const order = messagesOf('order', 'orderId')
const product = messagesOf('product', 'orderId')
const payment = messagesOf('payment', 'orderId')
/** Known by its own id, and asked for by its quote. */
const policy = messagesOf('policy', 'policyID', 'quoteID')
const policyOfQuote = messagesOf('policy', 'quoteID')
/** Of a saga only where one asks. */
const customer = messagesOf('customer', 'customerId', 'quoteID')
const quoteID = id.optional()
const paymentMethod = z.string().min(1).max(256)

export const OrderCreatedEvent = order.event(
  'OrderCreatedEvent',
  z.object({ customerId: id, items: itemLines, paymentMethod }),
)
export const OrderApprovedEvent = order.event('OrderApprovedEvent', z.object({}))
export const OrderApprovedCommand = order.command('OrderApprovedCommand', z.object({ total: money.optional() }), {
  done: [OrderApprovedEvent],
})

export const ProductReserveConfirmationEvent = product.event(
  'ProductReserveConfirmationEvent',
  z.object({ items: itemLines, total: money }),
)
export const ProductReserveFailedEvent = product.event(
  'ProductReserveFailedEvent',
  z.object({ reason: z.enum(['OUT_OF_STOCK', 'UNKNOWN_PRODUCT', 'CANCELLED']), productId: id.optional() }),
)
export const ProductReserveCommand = product.command('ProductReserveCommand', z.object({ items: itemLines }), {
  done: [ProductReserveConfirmationEvent],
  refused: [ProductReserveFailedEvent],
})

export const PaymentProcessSuccessfulEvent = payment.event('PaymentProcessSuccessfulEvent', z.object({ paymentId: id }))
export const PaymentVoidedEvent = payment.event('PaymentVoidedEvent', z.object({ refunded: z.boolean() }))
export const PaymentProcessCommand = payment.command(
  'PaymentProcessCommand',
  z.object({ ...money.shape, paymentMethod }),
  { done: [PaymentProcessSuccessfulEvent] },
)

export const PolicyCreated = policy.event(
  'PolicyCreated',
  z.object({ quoteID: id, customerId: id, policyCount: z.int().optional() }),
)
export const PolicyCancelled = policy.event(
  'PolicyCancelled',
  z.object({ quoteID: id, customerId: id.optional(), reason }),
)
/** Any number, and the largest in the place of one that is larger. */
const premium = z
  .custom<number>(value => typeof value === 'number', 'is not a number')
  .transform(value => Math.max(-Number.MAX_VALUE, Math.min(value, Number.MAX_VALUE)))
export const CreatePolicy = policyOfQuote.command('CreatePolicy', z.object({ premium, customerId: id }), {
  done: [PolicyCreated],
})

export const CustomerPolicyCountUpdated = customer.event(
  'CustomerPolicyCountUpdated',
  z.object({ quoteID, policyCount: z.int() }),
)
export const UpdateCustomerPolicyCount = customer.command(
  'UpdateCustomerPolicyCount',
  z.object({ quoteID, policyCount: z.int().optional() }),
  { done: [CustomerPolicyCountUpdated] },
)
/** A reply with a version, and without one what somebody says of it. */
export const QuoteRejected = messagesOf('quote', 'quoteID').event(
  'QuoteRejected',
  z.object({ reason, version: z.int().optional() }),
  { isReply: ({ version }) => version !== undefined },
)
