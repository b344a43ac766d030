/** The order saga as a protocol: given what it was sent, when the next message comes, then this is what it sends. */
import { describe, expect, test } from 'vitest'
import { readTimeline } from '#engine/saga/state.ts'
import { given, message, type SagaStory, seconds } from '#engine/testing'
import { orderSaga } from '../../../../lambdas/sagas/order/saga.ts'
import * as orders from '../../../../lambdas/services/order/contract.ts'
import * as payments from '../../../../lambdas/services/payment/contract.ts'
import * as products from '../../../../lambdas/services/product/contract.ts'

const START = Date.UTC(2026, 0, 1)
const items = [{ productId: 'p1', quantity: 2 }]
const total = { amount: 300, currency: 'EUR' }
const order = { customerId: 'alice', items, paymentMethod: 'tok_visa' }

/** Each answer of a participant as the next step of a story. */
const created = (saga: SagaStory = given(orderSaga, { sagaId: 'o1' })) => saga.started(orders.OrderCreatedEvent, order)
const reserved = (saga: SagaStory = created()) =>
  saga.replied(products.ProductReserveConfirmationEvent, { items, total })
const reserveFailed = (saga: SagaStory) =>
  saga.replied(products.ProductReserveFailedEvent, { reason: 'OUT_OF_STOCK', productId: 'p1' })
const cancelled = (saga: SagaStory) => saga.replied(products.ProductReserveCancelledEvent, { reason: 'OUT_OF_STOCK' })
const paid = (saga: SagaStory = reserved()) =>
  saga.replied(payments.PaymentProcessSuccessfulEvent, { paymentId: 'pay-1' })
const declined = (saga: SagaStory = reserved()) =>
  saga.replied(payments.PaymentFailedEvent, { reason: 'CARD_DECLINED' })
const voided = (saga: SagaStory) => saga.replied(payments.PaymentVoidedEvent, { refunded: true })
const approved = (saga: SagaStory = paid()) => saga.replied(orders.OrderApprovedEvent, {})
const rejected = (saga: SagaStory) => saga.replied(orders.OrderRejectedEvent, { reason: 'CARD_DECLINED' })

const entriesOf = (saga: { state: { timeline: string } | undefined }) => readTimeline(saga.state?.timeline)
const late = (saga: SagaStory) => saga.after(seconds(61))

describe('the happy path', () => {
  test('a new order reserves its products and writes history', () => {
    created()
      .thenSends(products.ProductReserveCommand, { items }, { id: 'order-saga:o1.1.0' })
      .thenWrites('CREATED')
      .thenState({ status: 'RUNNING', step: 'reserve', doing: 'do', attempt: 1 })
  })
  test('reserved: the total is charged', () => {
    reserved().thenSends(
      payments.PaymentProcessCommand,
      { ...total, paymentMethod: 'tok_visa' },
      { id: 'order-saga:o1.2.0' },
    )
  })
  test('paid: the order is approved with its total', () => {
    paid().thenSends(orders.OrderApprovedCommand, { total }, { id: 'order-saga:o1.3.0' })
  })
  test('approved: completed, history written, nothing sent, forgotten in 90 days', () => {
    const saga = approved().thenSendsNothing().thenWrites('APPROVED').completed()
    expect(saga.state?.expiresAt).toBe(START / 1000 + 90 * 24 * 3600)
    expect(entriesOf(saga).map(entry => entry[3])).toEqual(['d0', 'd1', 'd2', 'COMPLETED'])
  })
})

describe('compensation', () => {
  test('out of stock: waits for the reservation to be cancelled, then rejects', () => {
    const saga = reserveFailed(created()).thenSendsNothing()
    const rejecting = cancelled(saga)
      .thenSends(orders.OrderRejectCommand, { reason: 'OUT_OF_STOCK' })
      .thenWrites('REJECTED')
    rejected(rejecting).rolledBack('OUT_OF_STOCK')
  })
  test('a cancellation that comes first counts as failed and cancelled', () => {
    cancelled(created()).thenSends(orders.OrderRejectCommand, { reason: 'OUT_OF_STOCK' })
  })
  test('a service that never cancels on its own is asked to when its time is up', () => {
    late(reserveFailed(created())).thenSends(products.ProductReserveCancelCommand, { reason: 'OUT_OF_STOCK' })
  })
  test('declined: the stock is given back, then the order is rejected', () => {
    const saga = declined().thenSends(products.ProductReserveCancelCommand, { reason: 'CARD_DECLINED' })
    cancelled(saga).thenSends(orders.OrderRejectCommand, { reason: 'CARD_DECLINED' })
  })
})

describe('deadlines', () => {
  test('a late reply is asked for with the id that the command had', () => {
    late(created()).thenSends(products.ProductReserveCommand, { items }, { id: 'order-saga:o1.1.0' })
  })
  test('a wake-up that is early moves the deadline in the index and sends nothing for the step', () => {
    const saga = reserved(created().after(seconds(30)))
    saga
      .after(seconds(31))
      .thenSendsNothing()
      .thenState({ wakeAt: START + 90_000 })
  })
  test('a wake-up for an older version is ignored', () => {
    reserved().after(seconds(200), { sweep: false }).wokenUp({ version: 1 }).thenNothingHappened()
  })
  test('a reservation that never answers is undone, as its outcome is unknown', () => {
    late(late(late(created()))).thenSends(products.ProductReserveCancelCommand, { reason: 'TIMED_OUT' })
  })
  test('an unknown payment ends in a void, then everything is given back', () => {
    let saga = reserved()
    for (let i = 0; i < 2; i++)
      saga = late(saga).thenSends(payments.PaymentProcessCommand, undefined, { id: 'order-saga:o1.2.0' })
    saga = late(saga).thenSends(payments.PaymentVoidCommand, { reason: 'TIMED_OUT' })
    paid(saga).thenIgnores()
    saga = voided(paid(saga)).thenSends(products.ProductReserveCancelCommand)
    cancelled(saga).thenSends(orders.OrderRejectCommand, { reason: 'TIMED_OUT' })
  })
  test('an approval that never comes is STUCK after ten attempts, and still taken when it comes', () => {
    let saga = paid()
    for (let i = 0; i < 9; i++) saga = late(saga).thenState({ status: 'RUNNING' })
    approved(late(saga).stuck()).completed()
  })
  test('a void is asked for after a minute and then every two: a quarter of an hour of a provider makes no saga STUCK', () => {
    let saga: SagaStory = reserved()
    for (let i = 0; i < 3; i++) saga = late(saga)
    for (const minute of [1, 2, 2, 2, 2, 2, 2, 2, 2]) {
      saga = saga.after(seconds(60 * minute - 3)).thenSendsNothing()
      saga = saga.after(seconds(4)).thenSends(payments.PaymentVoidCommand).thenState({ status: 'COMPENSATING' })
    }
    saga.after(seconds(121)).stuck()
  })
  test('the deadline of the whole saga is kept before the pivot', () => {
    created().after(seconds(901)).thenSends(products.ProductReserveCancelCommand)
  })
  test('a deadline between commit and publish loses nothing: history and messages are carried out by it', () => {
    late(created()).thenWrites('CREATED').again(orders.OrderCreatedEvent).thenWrites('CREATED')
  })
})

describe('what comes twice or late', () => {
  test('the last message again: the same is sent again, under the same id', () => {
    const saga = reserved().again().thenSends(payments.PaymentProcessCommand, undefined, { id: 'order-saga:o1.2.0' })
    expect(saga.decision.fates[0]?.fate).toBe('duplicate')
  })
  test('an older message again is ignored', () => {
    reserved(reserved()).thenIgnores()
  })
  test('the order is created twice under another id: one saga', () => {
    created(created()).thenIgnores('the saga has begun already')
  })
  test('a reply to a saga that nobody knows is ignored', () => {
    reserved(given(orderSaga)).thenIgnores('no saga waits for it')
  })
  test('several messages in one batch are one commit, and the command of the step that was left is not sent', () => {
    const saga = given(orderSaga, { sagaId: 'o1' })
      .together(
        message(orders.OrderCreatedEvent, order),
        message(products.ProductReserveConfirmationEvent, { items, total }),
      )
      .thenSends(payments.PaymentProcessCommand, undefined, { id: 'order-saga:o1.1.1' })
    expect(saga.decision.commit?.stored).toMatchObject({ version: 1, handled: ['m1', 'm2'] })
    expect(saga.decision.effects.rows).toHaveLength(1)
  })
})

describe('an operator says that a command was refused, which may still be carried out', () => {
  const refused = (reply: Readonly<Record<string, unknown>>) =>
    ({ outcome: 'refused', by: 'olga', reason: 'the provider is down', reply }) as const
  test('at the payment: it is voided, and only the answer to that ends the step', () => {
    const saga = reserved()
      .operator('resolve', refused({ reason: 'CARD_DECLINED' }))
      .thenSends(payments.PaymentVoidCommand, { reason: 'CARD_DECLINED' })
      .thenState({ status: 'COMPENSATING', step: 'pay', doing: 'settle', reason: 'CARD_DECLINED' })
    expect(entriesOf(saga).at(-1)?.slice(1)).toEqual([
      'SagaResolve',
      expect.any(String),
      's1',
      'olga',
      'the provider is down',
    ])
    paid(saga).thenIgnores().thenAlarmsNobody()
    const givingBack = voided(saga).thenSends(products.ProductReserveCancelCommand)
    cancelled(givingBack).thenSends(orders.OrderRejectCommand, { reason: 'CARD_DECLINED' })
  })
  test('without the reply that nobody saw: the order is aborted by the operator', () => {
    const { reply: _, ...action } = refused({})
    reserved()
      .operator('resolve', action)
      .thenSends(payments.PaymentVoidCommand, { reason: 'ABORTED' })
      .thenState({ doing: 'settle', reason: 'ABORTED' })
  })
  test('at the reservation: it is cancelled, though the service is said to do so on its own', () => {
    created()
      .operator('resolve', refused({ reason: 'OUT_OF_STOCK' }))
      .thenSends(products.ProductReserveCancelCommand, { reason: 'OUT_OF_STOCK' })
  })
})

describe('a success that nobody counts on', () => {
  const gone = () => rejected(cancelled(declined()))
  test('after the saga was aborted without it, it is unexpected', () => {
    paid(gone()).thenIgnores().thenAlarms()
    paid(declined()).thenIgnores().thenAlarms()
    paid(cancelled(declined())).thenAlarms()
  })
  test('one that was taken at its time and comes again is not', () => {
    reserved(gone()).thenIgnores().thenAlarmsNobody()
    paid(approved()).thenAlarmsNobody()
  })
  test('nor is a refusal, a compensation, or a success whose undoing is on its way', () => {
    declined(gone()).thenAlarmsNobody()
    voided(gone()).thenAlarmsNobody()
    const saga = reserved(created().operator('abort')).thenIgnores().thenAlarmsNobody()
    // Sent after the service has confirmed that nothing is reserved.
    reserved(cancelled(saga).after(seconds(1))).thenAlarms()
  })
})

describe('operators', () => {
  test('abort before the pivot undoes what was done', () => {
    created().operator('abort').thenSends(products.ProductReserveCancelCommand, { reason: 'ABORTED' })
  })
  test('abort after the pivot changes nothing but the timeline', () => {
    const saga = paid().operator('abort').thenState({ status: 'RUNNING', step: 'approve' })
    expect(entriesOf(saga).at(-1)?.[1]).toBe('SagaAbort')
  })
  test('an action aimed at another version changes nothing but the timeline', () => {
    reserved().operator('abort', { version: 1 }).thenState({ status: 'RUNNING', step: 'pay' })
  })
  test('resolve says what the missing reply was', () => {
    let saga = paid()
    for (let i = 0; i < 10; i++) saga = late(saga)
    saga = saga.operator('resolve', { outcome: 'done', by: 'olga', reason: 'approved by phone' }).completed()
    // The action and its author, not the reply that nobody sent.
    expect(entriesOf(saga).at(-1)?.slice(1)).toEqual([
      'SagaResolve',
      expect.any(String),
      'COMPLETED',
      'olga',
      'approved by phone',
    ])
  })
})
