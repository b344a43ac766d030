/** Programs about what may follow what, and what can be undone. Each must fail between its heading and the next, and say so. */
import { nothing, saga } from '#engine/saga/builder.ts'
import { minutes } from '#engine/saga/durations.ts'
import * as orders from '../../../lambdas/services/order/contract.ts'
import * as payments from '../../../lambdas/services/payment/contract.ts'
import * as products from '../../../lambdas/services/product/contract.ts'

const begin = () => saga('order', { version: 1, startsWith: orders.OrderCreatedEvent, deadline: minutes(15) })
const charge = (order: { paymentMethod: string }) => ({
  amount: 1,
  currency: 'EUR',
  paymentMethod: order.paymentMethod,
})
const reserve = {
  send: (order: { items: { productId: string; quantity: number }[] }) => ({ items: order.items }),
  done: { ProductReserveConfirmationEvent: nothing },
  refused: { ProductReserveFailedEvent: () => 'x' },
}
const pay = {
  send: charge,
  done: { PaymentProcessSuccessfulEvent: nothing },
  refused: { PaymentFailedEvent: () => 'x' },
}

// # a second pivot
// ! after the pivot or a retriable step, only retriable steps may follow
begin().pivot('pay', payments.PaymentProcessCommand, pay).pivot('pay2', payments.PaymentProcessCommand, {})

// # a step after the pivot
// ! after the pivot or a retriable step, only retriable steps may follow
begin().pivot('pay', payments.PaymentProcessCommand, pay).step('reserve', products.ProductReserveCommand, reserve)

// # a step after a retriable step
// ! after the pivot or a retriable step, only retriable steps may follow
begin()
  .retriable('approve', orders.OrderApprovedCommand, { done: { OrderApprovedEvent: nothing } })
  .step('reserve', products.ProductReserveCommand, reserve)

// # a step without a word on how to undo it
// ! define first how the last step is undone: .undo(command, { send }) or .nothingToUndo()
begin().step('reserve', products.ProductReserveCommand, reserve).pivot('pay', payments.PaymentProcessCommand, {})

// # the same, before build
// ! define first how the last step is undone: .undo(command, { send }) or .nothingToUndo()
begin().step('reserve', products.ProductReserveCommand, reserve).build()

// # the same, before the abort
// ! define first how the last step is undone: .undo(command, { send }) or .nothingToUndo()
begin().step('reserve', products.ProductReserveCommand, reserve).onAbort('reject', orders.OrderRejectCommand, {})

// # a command that can be refused is retried
// ! PaymentProcessCommand can be refused (PaymentFailedEvent), so it is a step or the pivot
begin().retriable('pay', payments.PaymentProcessCommand, pay)

// # a compensation that can be refused
// ! PaymentProcessCommand can be refused (PaymentFailedEvent), so it is a step or the pivot
begin().step('reserve', products.ProductReserveCommand, reserve).undo(payments.PaymentProcessCommand, { send: charge })

// # an abort that can be refused
// ! PaymentProcessCommand can be refused (PaymentFailedEvent), so it is a step or the pivot
begin().onAbort('reject', payments.PaymentProcessCommand, { send: charge })

// # settling the pivot with what can be refused
// ! ProductReserveCommand can be refused (ProductReserveFailedEvent), so it is a step or the pivot
begin()
  .pivot('pay', payments.PaymentProcessCommand, pay)
  .ifUnknown(products.ProductReserveCommand, { send: reserve.send })

// # two steps of one name
// ! there is a step 'reserve' already
begin()
  .step('reserve', products.ProductReserveCommand, reserve)
  .nothingToUndo()
  .step('reserve', products.ProductReserveCommand, reserve)

// # an abort with the name of a step
// ! there is a step 'reserve' already
begin()
  .step('reserve', products.ProductReserveCommand, reserve)
  .nothingToUndo()
  .onAbort('reserve', orders.OrderRejectCommand, { send: order => ({ reason: order.abortedBecause }) })

// # a compensation that counts on a reply that may not have come
// ! 'order.total' is possibly 'undefined'
begin()
  .step('reserve', products.ProductReserveCommand, {
    send: order => ({ items: order.items }),
    done: { ProductReserveConfirmationEvent: reply => ({ total: reply.total }) },
    refused: { ProductReserveFailedEvent: reply => reply.reason },
  })
  .undo(products.ProductReserveCancelCommand, { send: order => ({ reason: order.total.currency }) })

// # an abort that counts on a reply that may not have come
// ! 'order.total' is possibly 'undefined'
begin()
  .step('reserve', products.ProductReserveCommand, {
    send: order => ({ items: order.items }),
    done: { ProductReserveConfirmationEvent: reply => ({ total: reply.total }) },
    refused: { ProductReserveFailedEvent: reply => reply.reason },
  })
  .nothingToUndo()
  .onAbort('reject', orders.OrderRejectCommand, { send: order => ({ reason: order.total.currency }) })

// # undone on its own after something that is no refusal
// ! is not assignable to type '"ProductReserveFailedEvent"'
begin()
  .step('reserve', products.ProductReserveCommand, reserve)
  .undo(products.ProductReserveCancelCommand, {
    send: order => ({ reason: order.abortedBecause }),
    onItsOwnAfter: ['ProductReserveConfirmationEvent'],
  })

// # a step after the abort
// ! Property 'retriable' does not exist on type 'Finished'
begin()
  .onAbort('reject', orders.OrderRejectCommand, { send: order => ({ reason: order.abortedBecause }) })
  .retriable('approve', orders.OrderApprovedCommand, { done: { OrderApprovedEvent: nothing } })

// # settling after a step that is no pivot
// ! Property 'ifUnknown' does not exist
begin()
  .retriable('approve', orders.OrderApprovedCommand, { done: { OrderApprovedEvent: nothing } })
  .ifUnknown(payments.PaymentVoidCommand, { send: order => ({ reason: order.abortedBecause }) })
