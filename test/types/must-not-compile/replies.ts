/** Programs about what is sent and what is answered. Each must fail between its heading and the next, and say so. */
import { nothing, saga } from '#engine/saga/builder.ts'
import { minutes } from '#engine/saga/durations.ts'
import * as orders from '../../../lambdas/services/order/contract.ts'
import * as payments from '../../../lambdas/services/payment/contract.ts'
import * as products from '../../../lambdas/services/product/contract.ts'
import * as c from '../contracts.ts'

const begin = () => saga('order', { version: 1, startsWith: orders.OrderCreatedEvent, deadline: minutes(15) })
const charge = (order: { paymentMethod: string }) => ({
  amount: 1,
  currency: 'EUR',
  paymentMethod: order.paymentMethod,
})

// # a done reply is not handled
// ! Property 'ProductReserveConfirmationEvent' is missing
begin().step('reserve', products.ProductReserveCommand, {
  send: order => ({ items: order.items }),
  done: {},
  refused: { ProductReserveFailedEvent: reply => reply.reason },
})

// # a refusal is not handled
// ! Property 'PaymentFailedEvent' is missing
begin().pivot('pay', payments.PaymentProcessCommand, {
  send: charge,
  done: { PaymentProcessSuccessfulEvent: nothing },
  refused: {},
})

// # refusals are missing altogether
// ! Property 'refused' is missing
begin().pivot('pay', payments.PaymentProcessCommand, { send: charge, done: { PaymentProcessSuccessfulEvent: nothing } })

// # a reply that the contract does not have
// ! PaymentVoidedEvent is no reply that means ProductReserveCommand is done
begin().step('reserve', products.ProductReserveCommand, {
  send: order => ({ items: order.items }),
  done: { ProductReserveConfirmationEvent: nothing, PaymentVoidedEvent: nothing },
  refused: { ProductReserveFailedEvent: reply => reply.reason },
})

// # a refusal that is handled as done
// ! PaymentFailedEvent is no reply that means PaymentProcessCommand is done
begin().pivot('pay', payments.PaymentProcessCommand, {
  send: charge,
  done: { PaymentProcessSuccessfulEvent: nothing, PaymentFailedEvent: nothing },
  refused: { PaymentFailedEvent: reply => reply.reason },
})

// # what a later reply adds is not known yet
// ! Property 'total' does not exist
begin().step('reserve', products.ProductReserveCommand, {
  send: order => ({ items: order.items, t: order.total }),
  done: { ProductReserveConfirmationEvent: reply => ({ total: reply.total }) },
  refused: { ProductReserveFailedEvent: reply => reply.reason },
})

// # the wrong body
// ! ProductReserveCommand has no field 'itemz'
begin().step('reserve', products.ProductReserveCommand, {
  send: order => ({ itemz: order.items }),
  done: { ProductReserveConfirmationEvent: nothing },
  refused: { ProductReserveFailedEvent: reply => reply.reason },
})

// # a field too many in the body
// ! ProductReserveCommand has no field 'extra'
begin().step('reserve', products.ProductReserveCommand, {
  send: order => ({ items: order.items, extra: 1 }),
  done: { ProductReserveConfirmationEvent: nothing },
  refused: { ProductReserveFailedEvent: reply => reply.reason },
})

// # a typing error in a reply's field
// ! Property 'totl' does not exist
begin().step('reserve', products.ProductReserveCommand, {
  send: order => ({ items: order.items }),
  done: { ProductReserveConfirmationEvent: reply => ({ total: reply.totl }) },
  refused: { ProductReserveFailedEvent: reply => reply.reason },
})

// # a reply that redefines a field
// ! is not assignable to type 'string'
begin().step('reserve', products.ProductReserveCommand, {
  send: order => ({ items: order.items }),
  done: { ProductReserveConfirmationEvent: reply => ({ customerId: reply.total }) },
  refused: { ProductReserveFailedEvent: reply => reply.reason },
})

// # a reply that takes the name of the abort's reason
// ! abortedBecause is kept for why the saga is aborted: choose another name
begin().step('reserve', products.ProductReserveCommand, {
  send: order => ({ items: order.items }),
  done: { ProductReserveConfirmationEvent: () => ({ abortedBecause: 1 }) },
  refused: { ProductReserveFailedEvent: reply => reply.reason },
})

// # the saga's key is filled in, another aggregate's id is not
// ! Property 'customerId' is missing
saga('quoting', { version: 1, startsWith: c.QuoteApproved, deadline: minutes(1) }).pivot('count', c.UpdateCount, {
  send: () => ({ policyCount: 1 }),
  done: { CountUpdated: nothing },
  refused: { CountFailed: reply => reply.reason },
})

// # an event where a command belongs
// ! is missing the following properties from type 'Command<
begin().step('reserve', products.ProductReserveConfirmationEvent, { send: () => ({}), done: {} })

// # a reply to a command that nobody answers
// ! nobody answers Notify, so there is nothing to handle
begin().step('notify', c.Notify, { send: () => ({ text: '' }), done: { SentWhole: nothing } })
