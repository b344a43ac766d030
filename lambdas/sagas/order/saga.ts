import { nothing, saga } from '#engine/saga/builder.ts'
import { minutes, seconds } from '#engine/saga/durations.ts'
import * as orders from '../../services/order/contract.ts'
import * as payments from '../../services/payment/contract.ts'
import * as products from '../../services/product/contract.ts'

/** Reserves the products, takes the money, approves the order; or gives everything back and rejects it. */
export const orderSaga = saga('order', {
  version: 1,
  startsWith: orders.OrderCreatedEvent,
  deadline: minutes(15),
  history: { started: 'CREATED', completed: 'APPROVED', aborting: 'REJECTED' },
})
  .step('reserve', products.ProductReserveCommand, {
    send: order => ({ items: order.items }),
    done: { ProductReserveConfirmationEvent: reply => ({ total: reply.total }) },
    refused: { ProductReserveFailedEvent: reply => reply.reason },
    within: seconds(60),
    attempts: 3,
  })
  .undo(products.ProductReserveCancelCommand, {
    send: order => ({ reason: order.abortedBecause }),
    // The product service says so itself right after it has failed; it is asked only if that does not come.
    onItsOwnAfter: ['ProductReserveFailedEvent'],
  })
  .pivot('pay', payments.PaymentProcessCommand, {
    send: order => ({ ...order.total, paymentMethod: order.paymentMethod }),
    done: { PaymentProcessSuccessfulEvent: reply => ({ paymentId: reply.paymentId }) },
    refused: { PaymentFailedEvent: reply => reply.reason },
    within: seconds(60),
    attempts: 3,
  })
  .ifUnknown(payments.PaymentVoidCommand, { send: order => ({ reason: order.abortedBecause }) })
  .retriable('approve', orders.OrderApprovedCommand, {
    send: order => ({ total: order.total }),
    done: { OrderApprovedEvent: nothing },
  })
  .onAbort('reject', orders.OrderRejectCommand, { send: order => ({ reason: order.abortedBecause }) })
  .build()
