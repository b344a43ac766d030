/** What an operator's dashboards count: beginnings, ends, STUCK, and how long steps take. */
import { expect, test } from 'vitest'
import type { Message } from '#engine/model/aggregate.ts'
import { decideBatch } from '#engine/delivery/decide-batch.ts'
import type { Stored } from '#engine/delivery/stored-item.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import type { SagaState } from '#engine/saga/state.ts'
import { orderSaga } from '../../../../lambdas/sagas/order/saga.ts'

const aggregate = orchestrator(orderSaga)
const items = [{ productId: 'p1', quantity: 2 }]
const total = { amount: 300, currency: 'EUR' }

/** One saga; `deliver` gives what a commit measures, without its unit: `[name, value, step]`. */
function sagaAt(start: number) {
  let stored: Stored<SagaState> | undefined
  let count = 0
  return {
    deliver(at: number, type: string, body: Record<string, unknown> = {}, control = false) {
      const message: Message = {
        id: `m${++count}`,
        type,
        sagaId: 'o1',
        control,
        body: control ? { sagaId: 'o1', saga: 'order', version: stored?.version, ...body } : { orderId: 'o1', ...body },
      }
      const before = stored?.state
      const { commit } = decideBatch({
        aggregate,
        key: 'o1',
        stored,
        messages: [message],
        now: start + at,
        read: () => undefined,
      })
      stored = commit?.stored ?? stored
      if (!commit) return []
      return (aggregate.measures?.(before, commit.stored.state) ?? []).map(({ name, value, dimensions }) => {
        expect(dimensions['saga']).toBe('order')
        return [name, value, ...(dimensions['step'] === undefined ? [] : [dimensions['step']])]
      })
    },
  }
}
const START = Date.UTC(2026, 0, 1)
const created = { customerId: 'alice', items, paymentMethod: 'tok_visa' }

test('a saga that completes: begun, each step with its time, completed after all of it', () => {
  const saga = sagaAt(START)
  expect(saga.deliver(0, 'OrderCreatedEvent', created)).toEqual([['sagasStarted', 1]])
  expect(saga.deliver(20, 'ProductReserveConfirmationEvent', { items, total })).toEqual([
    ['stepLatency', 20, 'reserve'],
  ])
  expect(saga.deliver(320, 'PaymentProcessSuccessfulEvent', { paymentId: 'x' })).toEqual([['stepLatency', 300, 'pay']])
  expect(saga.deliver(330, 'OrderApprovedEvent')).toEqual([
    ['sagasCompleted', 1],
    ['stepLatency', 10, 'approve'],
    ['timeToTerminal', 330],
  ])
})

test('a retry belongs to its step, and STUCK is counted once each time, until an operator goes on', () => {
  const saga = sagaAt(START)
  saga.deliver(0, 'OrderCreatedEvent', created)
  saga.deliver(10, 'ProductReserveConfirmationEvent', { items, total })
  saga.deliver(20, 'PaymentFailedEvent', { reason: 'CARD_DECLINED' })
  let now = 20
  const measured: unknown[] = []
  for (let i = 0; i < 12; i++) measured.push(...saga.deliver((now += 121_000), 'SagaWakeUp', {}, true))
  expect(measured).toEqual([['sagasStuck', 1]])
  expect(saga.deliver((now += 5_000), 'SagaRetry', { by: 'olga', reason: 'repaired' }, true)).toEqual([])
  expect(saga.deliver((now += 30), 'ProductReserveCancelledEvent', { reason: 'CARD_DECLINED' })).toEqual([
    ['stepLatency', now - 20, 'undo reserve'],
  ])
  expect(saga.deliver((now += 30), 'OrderRejectedEvent', { reason: 'CARD_DECLINED' })).toEqual([
    ['sagasAborted', 1],
    ['stepLatency', 30, 'abort reject'],
    ['timeToTerminal', now],
  ])
})
