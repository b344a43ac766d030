import { expect, test } from 'vitest'
import { memoryPublisher } from '#shared/adapters/memory/publisher.ts'
import { memoryStore } from '#shared/adapters/memory/store.ts'
import { commitFromHttp } from '#shared/messaging/http-commit.ts'
import { topicPerAggregateAndKind as topicOf } from '#shared/messaging/topics.ts'
import { WITHOUT_SAGA_AFTER_MS } from '#shared/saga/sweep.ts'
import { sagasTable } from '#shared/saga/tables.ts'
import { create, order } from '../../../lambdas/services/order/rules.ts'
import { ordersTable } from '../../../lambdas/services/order/tables.ts'
import { createPendingSweeper } from '../../../lambdas/services/order/unfulfilled.ts'
import { recordedLog } from '../../support/http.ts'

test('an order that is PENDING for long without a saga is published again, under its own id; others are not', async () => {
  const store = memoryStore([ordersTable, sagasTable])
  const publisher = memoryPublisher()
  const log = recordedLog()
  let now = Date.parse('2026-11-21T12:00:00Z')
  const clock = { now: () => now, sleep: () => Promise.resolve() }
  const sweeper = createPendingSweeper({ saga: 'order', store, publisher, clock, log, topicOf })
  for (const key of ['lost', 'begun', 'young']) {
    if (key === 'young') now += WITHOUT_SAGA_AFTER_MS - 1000
    const body = { customerId: 'alice', items: [{ productId: 'p', quantity: 1 }], paymentMethod: 'tok' }
    await commitFromHttp({ store, aggregate: order, key, ...create(body, { now }), now })
  }
  const saga = { sagaKey: 'order:begun', version: 1 }
  await store.commit([{ ref: { table: 'sagas', key: { sagaKey: 'order:begun' } }, previous: undefined, item: saga }])
  expect(await sweeper.sweep()).toBe(0)
  now += 2000
  expect(await sweeper.sweep()).toBe(1)
  expect(await sweeper.sweep()).toBe(1)
  expect(publisher.records().map(({ topic, key, headers }) => [topic, key, headers['ce_id']])).toEqual([
    ['orders-events', 'lost', 'order:lost.1.0'],
    ['orders-events', 'lost', 'order:lost.1.0'],
  ])
})
