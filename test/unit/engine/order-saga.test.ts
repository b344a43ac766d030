/** The order saga as a protocol: given what it heard, when the next message comes, then this is what it says. */
import { describe, expect, test } from 'vitest'
import type { Message } from '#engine/model/aggregate.ts'
import { decideBatch } from '#engine/delivery/decide-batch.ts'
import type { Stored } from '#engine/delivery/stored-item.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { readTimeline, type SagaState } from '#engine/saga/state.ts'
import { orderSaga } from '../../../lambdas/sagas/order/saga.ts'

const aggregate = orchestrator(orderSaga)
const START = Date.UTC(2026, 0, 1)
const items = [{ productId: 'p1', quantity: 2 }]
const total = { amount: 300, currency: 'EUR' }

const created: Given = ['OrderCreatedEvent', { customerId: 'alice', items, paymentMethod: 'tok_visa' }]
const reserved: Given = ['ProductReserveConfirmationEvent', { items, total }]
const reserveFailed: Given = ['ProductReserveFailedEvent', { reason: 'OUT_OF_STOCK', productId: 'p1' }]
const cancelled: Given = ['ProductReserveCancelledEvent', { reason: 'OUT_OF_STOCK' }]
const paid: Given = ['PaymentProcessSuccessfulEvent', { paymentId: 'pay-1' }]
const declined: Given = ['PaymentFailedEvent', { reason: 'CARD_DECLINED' }]
const voided: Given = ['PaymentVoidedEvent', { refunded: true }]
const approved: Given = ['OrderApprovedEvent', {}]
const rejected: Given = ['OrderRejectedEvent', { reason: 'CARD_DECLINED' }]

type Given = readonly [type: string, body: Record<string, unknown>]

/** A saga that has heard these messages, each in a commit of its own. */
function given(...messages: Given[]) {
  let stored: Stored<SagaState> | undefined
  let now = START
  let count = 0
  const deliver = (message: Message) => {
    const decided = decideBatch({ aggregate, key: 'o1', stored, message: [message], now, read: () => undefined })
    stored = decided.commit?.stored ?? stored
    return {
      fate: decided.fates[0]?.fate,
      why: decided.fates[0]?.why,
      unexpected: decided.fates[0]?.unexpected,
      publishes: decided.effects.sent.map(({ type, body, id }) => ({ type, body, id })),
      rows: decided.effects.rows.map(row => row.item['status']),
      state: stored?.state as SagaState,
    }
  }
  const when = ([type, body]: Given) =>
    deliver({ id: `m${++count}`, type, sagaId: 'o1', body: { orderId: 'o1', ...body } })
  for (const message of messages) when(message)
  return {
    when,
    again: (n: number) => deliver({ id: `m${n}`, type: 'whatever', sagaId: 'o1', body: {} }),
    control: (type: string, more: Record<string, unknown> = {}) =>
      deliver({
        id: `c${++count}`,
        type,
        sagaId: 'o1',
        control: true,
        body: { sagaId: 'o1', saga: 'order', version: stored?.version, ...more },
      }),
    after(seconds: number) {
      now += seconds * 1000
      return this
    },
  }
}

describe('the happy path', () => {
  test('a new order reserves its products and writes history', () => {
    const { publishes, rows, state } = given().when(created)
    expect(publishes).toEqual([{ type: 'ProductReserveCommand', body: { items }, id: 'order-saga:o1.1.0' }])
    expect(rows).toEqual(['CREATED'])
    expect(state).toMatchObject({ status: 'RUNNING', step: 'reserve', doing: 'do', attempt: 1 })
  })
  test('reserved: the total is charged', () => {
    expect(given(created).when(reserved).publishes).toEqual([
      { type: 'PaymentProcessCommand', body: { ...total, paymentMethod: 'tok_visa' }, id: 'order-saga:o1.2.0' },
    ])
  })
  test('paid: the order is approved with its total', () => {
    expect(given(created, reserved).when(paid).publishes).toEqual([
      { type: 'OrderApprovedCommand', body: { total }, id: 'order-saga:o1.3.0' },
    ])
  })
  test('approved: completed, history written, nothing said, forgotten in 90 days', () => {
    const { publishes, rows, state } = given(created, reserved, paid).when(approved)
    expect(publishes).toEqual([])
    expect(rows).toEqual(['APPROVED'])
    expect(state.status).toBe('COMPLETED')
    expect(state.expiresAt).toBe(START / 1000 + 90 * 24 * 3600)
    expect(readTimeline(state.timeline).map(entry => entry[3])).toEqual(['d0', 'd1', 'd2', 'COMPLETED'])
  })
})

describe('compensation', () => {
  test('out of stock: waits for the reservation to be cancelled, then rejects', () => {
    const saga = given(created)
    expect(saga.when(reserveFailed).publishes).toEqual([])
    const { publishes, rows } = saga.when(cancelled)
    expect(publishes).toMatchObject([{ type: 'OrderRejectCommand', body: { reason: 'OUT_OF_STOCK' } }])
    expect(rows).toEqual(['REJECTED'])
    expect(saga.when(rejected).state.status).toBe('ABORTED')
  })
  test('a cancellation that is heard first counts as failed and cancelled', () => {
    expect(given(created).when(cancelled).publishes).toMatchObject([
      { type: 'OrderRejectCommand', body: { reason: 'OUT_OF_STOCK' } },
    ])
  })
  test('a service that never cancels on its own is asked to when its time is up', () => {
    const saga = given(created, reserveFailed).after(61)
    expect(saga.control('SagaWakeUp').publishes).toMatchObject([
      { type: 'ProductReserveCancelCommand', body: { reason: 'OUT_OF_STOCK' } },
    ])
  })
  test('declined: the stock is given back, then the order is rejected', () => {
    const saga = given(created, reserved)
    expect(saga.when(declined).publishes).toMatchObject([
      { type: 'ProductReserveCancelCommand', body: { reason: 'CARD_DECLINED' } },
    ])
    expect(saga.when(cancelled).publishes).toMatchObject([
      { type: 'OrderRejectCommand', body: { reason: 'CARD_DECLINED' } },
    ])
  })
})

describe('deadlines', () => {
  test('a late reply is asked for with the id that the command had', () => {
    const saga = given(created).after(61)
    expect(saga.control('SagaWakeUp').publishes).toMatchObject([
      { type: 'ProductReserveCommand', id: 'order-saga:o1.1.0' },
    ])
  })
  test('a wake-up that is early moves the bell and says nothing of a step', () => {
    const saga = given(created).after(30)
    saga.when(reserved)
    const woken = saga.after(31).control('SagaWakeUp')
    expect(woken.publishes).toEqual([])
    expect(woken.state.wakeAt).toBe(START + 90_000)
  })
  test('a wake-up for an older version is ignored', () => {
    expect(given(created, reserved).after(200).control('SagaWakeUp', { version: 1 }).fate).toBe('ignored')
  })
  test('a reservation that never answers is undone, as its outcome is unknown', () => {
    const saga = given(created)
    for (let i = 0; i < 2; i++) saga.after(61).control('SagaWakeUp')
    expect(saga.after(61).control('SagaWakeUp').publishes).toMatchObject([
      { type: 'ProductReserveCancelCommand', body: { reason: 'TIMED_OUT' } },
    ])
  })
  test('an unknown payment ends in a void, then everything is given back', () => {
    const saga = given(created, reserved)
    for (let i = 0; i < 2; i++)
      expect(saga.after(61).control('SagaWakeUp').publishes).toMatchObject([{ id: 'order-saga:o1.2.0' }])
    expect(saga.after(61).control('SagaWakeUp').publishes).toMatchObject([
      { type: 'PaymentVoidCommand', body: { reason: 'TIMED_OUT' } },
    ])
    expect(saga.when(paid).fate).toBe('ignored')
    expect(saga.when(voided).publishes).toMatchObject([{ type: 'ProductReserveCancelCommand' }])
    expect(saga.when(cancelled).publishes).toMatchObject([
      { type: 'OrderRejectCommand', body: { reason: 'TIMED_OUT' } },
    ])
  })
  test('an approval that never comes is STUCK after ten attempts, and still taken when it comes', () => {
    const saga = given(created, reserved, paid)
    for (let i = 0; i < 9; i++) expect(saga.after(61).control('SagaWakeUp').state.status).toBe('RUNNING')
    expect(saga.after(61).control('SagaWakeUp').state.status).toBe('STUCK')
    expect(saga.when(approved).state.status).toBe('COMPLETED')
  })
  test('the deadline of the whole saga is kept before the pivot', () => {
    expect(given(created).after(901).control('SagaWakeUp').publishes).toMatchObject([
      { type: 'ProductReserveCancelCommand' },
    ])
  })
  test('a deadline between commit and publish loses nothing: history and messages are carried out by it', () => {
    const saga = given(created).after(61)
    expect(saga.control('SagaWakeUp').rows).toEqual(['CREATED'])
    expect(saga.again(1).rows).toEqual(['CREATED'])
  })
})

describe('what comes twice or late', () => {
  test('the last message again: the same is said again, under the same id', () => {
    const saga = given(created, reserved)
    const { fate, publishes } = saga.again(2)
    expect(fate).toBe('again')
    expect(publishes).toMatchObject([{ type: 'PaymentProcessCommand', id: 'order-saga:o1.2.0' }])
  })
  test('an older message again is ignored', () => {
    expect(given(created, reserved).when(reserved).fate).toBe('ignored')
  })
  test('the order is created twice under another id: one saga', () => {
    expect(given(created).when(created)).toMatchObject({ fate: 'ignored', why: 'the saga has begun already' })
  })
  test('a reply to a saga that nobody knows is ignored', () => {
    expect(given().when(reserved)).toMatchObject({ fate: 'ignored', why: 'no saga waits for it' })
  })
  test('several messages in one batch are one commit, and the command of the step that was left is not sent', () => {
    const message = [created, reserved].map(
      ([type, body], i): Message => ({ id: `m${i}`, type, sagaId: 'o1', body: { orderId: 'o1', ...body } }),
    )
    const decided = decideBatch({ aggregate, key: 'o1', stored: undefined, message, now: START, read: () => undefined })
    expect(decided.commit?.stored).toMatchObject({ version: 1, handled: ['m0', 'm1'] })
    expect(decided.effects.sent.map(sent => sent.id)).toEqual(['order-saga:o1.1.1'])
    expect(decided.effects.rows).toHaveLength(1)
  })
})

describe('an operator says that a command was refused, which may still be carried out', () => {
  const refused = (reply: object) => ({ outcome: 'refused', by: 'olga', reason: 'the provider is down', reply })
  test('at the payment: it is voided, and only the answer to that ends the step', () => {
    const saga = given(created, reserved)
    const { publishes, state } = saga.control('SagaResolve', refused({ reason: 'CARD_DECLINED' }))
    expect(publishes).toMatchObject([{ type: 'PaymentVoidCommand', body: { reason: 'CARD_DECLINED' } }])
    expect(state).toMatchObject({ status: 'COMPENSATING', step: 'pay', doing: 'settle', reason: 'CARD_DECLINED' })
    expect(readTimeline(state.timeline).at(-1)?.slice(1)).toEqual([
      'SagaResolve',
      expect.any(String),
      's1',
      'olga',
      'the provider is down',
    ])
    expect(saga.when(paid)).toMatchObject({ fate: 'ignored', unexpected: undefined })
    expect(saga.when(voided).publishes).toMatchObject([{ type: 'ProductReserveCancelCommand' }])
    expect(saga.when(cancelled).publishes).toMatchObject([
      { type: 'OrderRejectCommand', body: { reason: 'CARD_DECLINED' } },
    ])
  })
  test('without the reply that nobody saw: the order is aborted by the operator', () => {
    const { reply: _, ...action } = refused({})
    const { publishes, state } = given(created, reserved).control('SagaResolve', action)
    expect(publishes).toMatchObject([{ type: 'PaymentVoidCommand', body: { reason: 'ABORTED' } }])
    expect(state).toMatchObject({ doing: 'settle', reason: 'ABORTED' })
  })
  test('at the reservation: it is cancelled, though the service is said to do so on its own', () => {
    const { publishes } = given(created).control('SagaResolve', refused({ reason: 'OUT_OF_STOCK' }))
    expect(publishes).toMatchObject([{ type: 'ProductReserveCancelCommand', body: { reason: 'OUT_OF_STOCK' } }])
  })
})

describe('a success that nobody counts on', () => {
  const gone = [created, reserved, declined, cancelled, rejected]
  test('after the saga was aborted without it, it is unexpected', () => {
    expect(given(...gone).when(paid)).toMatchObject({ fate: 'ignored', unexpected: true })
    expect(given(created, reserved, declined).when(paid)).toMatchObject({ fate: 'ignored', unexpected: true })
    expect(given(created, reserved, declined, cancelled).when(paid)).toMatchObject({ unexpected: true })
  })
  test('one that was taken at its time and comes again is not', () => {
    expect(given(...gone).when(reserved)).toMatchObject({ fate: 'ignored', unexpected: undefined })
    expect(given(created, reserved, paid, approved).when(paid)).toMatchObject({ unexpected: undefined })
  })
  test('nor is a refusal, a compensation, or a success whose undoing is on its way', () => {
    expect(given(...gone).when(declined)).toMatchObject({ unexpected: undefined })
    expect(given(...gone).when(voided)).toMatchObject({ unexpected: undefined })
    const saga = given(created)
    saga.control('SagaAbort')
    expect(saga.when(reserved)).toMatchObject({ fate: 'ignored', unexpected: undefined })
    saga.when(cancelled)
    expect(saga.when(reserved)).toMatchObject({ unexpected: true })
  })
})

describe('operators', () => {
  test('abort before the pivot undoes what was done', () => {
    expect(given(created).control('SagaAbort').publishes).toMatchObject([
      { type: 'ProductReserveCancelCommand', body: { reason: 'ABORTED' } },
    ])
  })
  test('abort after the pivot changes nothing but the timeline', () => {
    const { state } = given(created, reserved, paid).control('SagaAbort')
    expect(state).toMatchObject({ status: 'RUNNING', step: 'approve' })
    expect(readTimeline(state.timeline).at(-1)?.[1]).toBe('SagaAbort')
  })
  test('an action aimed at another version changes nothing but the timeline', () => {
    expect(given(created, reserved).control('SagaAbort', { version: 1 }).state).toMatchObject({
      status: 'RUNNING',
      step: 'pay',
    })
  })
  test('resolve says what the missing reply was', () => {
    const saga = given(created, reserved, paid)
    for (let i = 0; i < 10; i++) saga.after(61).control('SagaWakeUp')
    const { state } = saga.control('SagaResolve', { outcome: 'done', by: 'olga', reason: 'approved by phone' })
    expect(state.status).toBe('COMPLETED')
    // The action and its author, not the reply that nobody sent.
    expect(readTimeline(state.timeline).at(-1)?.slice(1)).toEqual([
      'SagaResolve',
      expect.any(String),
      'COMPLETED',
      'olga',
      'approved by phone',
    ])
  })
})
