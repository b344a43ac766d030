/** What each function of a definition is given. Compiling is the test; nothing here runs. */
import { nothing, type SagaDefinition, saga } from '#engine/saga/builder.ts'
import { minutes } from '#engine/saga/durations.ts'
import * as orders from '../../lambdas/services/order/contract.ts'
import * as payments from '../../lambdas/services/payment/contract.ts'
import * as products from '../../lambdas/services/product/contract.ts'
import { Notify, QuoteApproved, Send, UpdateCount } from './contracts.ts'
import { type Equal, is } from './equal.ts'

type Items = { productId: string; quantity: number }[]
type Money = { amount: number; currency: string }
type Start = { orderId: string; customerId: string; items: Items; paymentMethod: string }
type Reason = 'OUT_OF_STOCK' | 'UNKNOWN_PRODUCT' | 'MIXED_CURRENCY' | 'CANCELLED'

const order = saga('order', { version: 1, startsWith: orders.OrderCreatedEvent, deadline: minutes(15) })
  .step('reserve', products.ProductReserveCommand, {
    send: state => {
      is<Equal<typeof state, Start>>()
      return { items: state.items }
    },
    refused: {
      ProductReserveFailedEvent: (reply, state) => {
        is<Equal<typeof reply.reason, Reason>>()
        is<Equal<typeof reply.orderId, string>>()
        is<Equal<typeof state.items, Items>>()
        return reply.reason
      },
    },
    done: { ProductReserveConfirmationEvent: reply => ({ total: reply.total }) },
  })
  // A compensation sees as optional what may not have come.
  .undo(products.ProductReserveCancelCommand, {
    send: state => {
      is<Equal<typeof state.total, Money | undefined>>()
      is<Equal<typeof state.abortedBecause, string>>()
      return { reason: state.abortedBecause }
    },
    onItsOwnAfter: ['ProductReserveFailedEvent'],
  })
  // The next step sees it for sure.
  .pivot('pay', payments.PaymentProcessCommand, {
    send: state => {
      is<Equal<typeof state.total, Money>>()
      return { ...state.total, paymentMethod: state.paymentMethod }
    },
    done: { PaymentProcessSuccessfulEvent: reply => ({ paymentId: reply.paymentId }) },
    refused: { PaymentFailedEvent: reply => reply.reason },
  })
  .ifUnknown(payments.PaymentVoidCommand, {
    send: state => {
      is<Equal<typeof state.paymentId, string | undefined>>()
      is<Equal<typeof state.total, Money>>()
      return { reason: state.abortedBecause }
    },
  })
  .retriable('approve', orders.OrderApprovedCommand, {
    send: state => {
      is<Equal<typeof state.paymentId, string>>()
      return {}
    },
    done: { OrderApprovedEvent: nothing },
  })
  .onAbort('reject', orders.OrderRejectCommand, {
    send: state => {
      is<Equal<typeof state.paymentId, string | undefined>>()
      is<Equal<typeof state.total, Money | undefined>>()
      is<Equal<typeof state.items, Items>>()
      return { reason: state.abortedBecause }
    },
  })
  .build()
is<Equal<typeof order, SagaDefinition>>()

// Two ways of being done: a union, narrowed by its own fields.
saga('sending', { version: 1, startsWith: orders.OrderCreatedEvent, deadline: minutes(1) })
  .step('send', Send, {
    done: {
      SentWhole: reply => ({ how: 'whole' as const, ref: reply.ref }),
      SentInPart: reply => ({ how: 'part' as const, left: reply.left }),
    },
  })
  .undo(products.ProductReserveCancelCommand, {
    send: state => {
      is<Equal<typeof state.ref, string | undefined>>()
      is<Equal<typeof state.left, number | undefined>>()
      is<Equal<typeof state.how, 'whole' | 'part' | undefined>>()
      return { reason: '' }
    },
  })
  .retriable('approve', orders.OrderApprovedCommand, {
    send: state => {
      if (state.how === 'whole') is<Equal<typeof state.ref, string>>()
      return {}
    },
    done: { OrderApprovedEvent: nothing },
  })

// A command that nobody answers adds nothing, and what was known before stays known. `send` is needed only for a body.
saga('notifying', { version: 1, startsWith: orders.OrderApprovedEvent, deadline: minutes(1) })
  .step('notify', Notify, { send: state => ({ text: state.orderId }) })
  .nothingToUndo()
  .retriable('notify-again', Notify, {
    send: state => {
      is<Equal<typeof state, { orderId: string }>>()
      return { text: state.orderId }
    },
    attempts: 1,
  })
  .retriable('send', Send, { done: { SentWhole: nothing, SentInPart: nothing } })
  .build()

// The saga's own key is filled in; another aggregate's id is not.
saga('counting', { version: 1, startsWith: QuoteApproved, deadline: minutes(1) })
  .pivot('count', UpdateCount, {
    send: state => ({ customerId: state.customerId }),
    done: { CountUpdated: (reply, state) => ({ counted: reply.policyCount, premium: state.premium }) },
    refused: { CountFailed: (reply, state) => `${reply.reason} ${state.premium}` },
  })
  .build()
