/** Programs about what may follow what, and what can be undone. Each must fail between its heading and the next, and say so. */
import { nothing, saga } from '#shared/saga/define.ts'
import { minutes } from '#shared/saga/time.ts'
import * as orders from '../../../lambdas/services/order/contract.ts'
import * as payments from '../../../lambdas/services/payment/contract.ts'
import * as products from '../../../lambdas/services/product/contract.ts'

const begin = () => saga('order', { version: 1, startsWith: orders.OrderCreated, deadline: minutes(15) })
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
begin().pivot('pay', payments.PaymentProcess, pay).pivot('pay2', payments.PaymentProcess, {})

// # a step after the pivot
// ! after the pivot or a retriable step, only retriable steps may follow
begin().pivot('pay', payments.PaymentProcess, pay).step('reserve', products.ProductReserve, reserve)

// # a step after a retriable step
// ! after the pivot or a retriable step, only retriable steps may follow
begin()
  .retriable('approve', orders.OrderApprove, { done: { OrderApprovedEvent: nothing } })
  .step('reserve', products.ProductReserve, reserve)

// # a step without a word on how to undo it
// ! say first how the last step is undone: .undo(command, { send }) or .nothingToUndo()
begin().step('reserve', products.ProductReserve, reserve).pivot('pay', payments.PaymentProcess, {})

// # the same, before build
// ! say first how the last step is undone: .undo(command, { send }) or .nothingToUndo()
begin().step('reserve', products.ProductReserve, reserve).build()

// # the same, before the abort
// ! say first how the last step is undone: .undo(command, { send }) or .nothingToUndo()
begin().step('reserve', products.ProductReserve, reserve).onAbort('reject', orders.OrderReject, {})

// # a command that can be refused is retried
// ! PaymentProcessCommand can be refused (PaymentFailedEvent), so it is a step or the pivot
begin().retriable('pay', payments.PaymentProcess, pay)

// # a compensation that can be refused
// ! PaymentProcessCommand can be refused (PaymentFailedEvent), so it is a step or the pivot
begin().step('reserve', products.ProductReserve, reserve).undo(payments.PaymentProcess, { send: charge })

// # an abort that can be refused
// ! PaymentProcessCommand can be refused (PaymentFailedEvent), so it is a step or the pivot
begin().onAbort('reject', payments.PaymentProcess, { send: charge })

// # settling the pivot with what can be refused
// ! ProductReserveCommand can be refused (ProductReserveFailedEvent), so it is a step or the pivot
begin().pivot('pay', payments.PaymentProcess, pay).ifUnknown(products.ProductReserve, { send: reserve.send })

// # two steps of one name
// ! there is a step 'reserve' already
begin()
  .step('reserve', products.ProductReserve, reserve)
  .nothingToUndo()
  .step('reserve', products.ProductReserve, reserve)

// # an abort with the name of a step
// ! there is a step 'reserve' already
begin()
  .step('reserve', products.ProductReserve, reserve)
  .nothingToUndo()
  .onAbort('reserve', orders.OrderReject, { send: order => ({ reason: order.abortedBecause }) })

// # a compensation that counts on a reply that may not have come
// ! 'order.total' is possibly 'undefined'
begin()
  .step('reserve', products.ProductReserve, {
    send: order => ({ items: order.items }),
    done: { ProductReserveConfirmationEvent: reply => ({ total: reply.total }) },
    refused: { ProductReserveFailedEvent: reply => reply.reason },
  })
  .undo(products.ProductReserveCancel, { send: order => ({ reason: order.total.currency }) })

// # an abort that counts on a reply that may not have come
// ! 'order.total' is possibly 'undefined'
begin()
  .step('reserve', products.ProductReserve, {
    send: order => ({ items: order.items }),
    done: { ProductReserveConfirmationEvent: reply => ({ total: reply.total }) },
    refused: { ProductReserveFailedEvent: reply => reply.reason },
  })
  .nothingToUndo()
  .onAbort('reject', orders.OrderReject, { send: order => ({ reason: order.total.currency }) })

// # undone on its own after something that is no refusal
// ! is not assignable to type '"ProductReserveFailedEvent"'
begin()
  .step('reserve', products.ProductReserve, reserve)
  .undo(products.ProductReserveCancel, {
    send: order => ({ reason: order.abortedBecause }),
    onItsOwnAfter: ['ProductReserveConfirmationEvent'],
  })

// # a step after the abort
// ! Property 'retriable' does not exist on type 'Finished'
begin()
  .onAbort('reject', orders.OrderReject, { send: order => ({ reason: order.abortedBecause }) })
  .retriable('approve', orders.OrderApprove, { done: { OrderApprovedEvent: nothing } })

// # settling after a step that is no pivot
// ! Property 'ifUnknown' does not exist
begin()
  .retriable('approve', orders.OrderApprove, { done: { OrderApprovedEvent: nothing } })
  .ifUnknown(payments.PaymentVoid, { send: order => ({ reason: order.abortedBecause }) })
