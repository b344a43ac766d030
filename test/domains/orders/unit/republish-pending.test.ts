import { headersOf } from '#engine/adapters/record-headers.ts'
import type { OutgoingRecord } from '#engine/model/ports.ts'
import { describe, expect, test } from 'vitest'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { commitFromHttp } from '#engine/delivery/http-commit.ts'
import { topicPerAggregateAndKind as topicOf } from '#engine/delivery/topics.ts'
import { createRepublisher } from '#engine/saga/republisher.ts'
import { WITHOUT_SAGA_AFTER_MS } from '#engine/saga/sweeper.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { create, order } from '../../../../lambdas/services/order/rules.ts'
import { ordersTable } from '../../../../lambdas/services/order/tables.ts'
import { republishOrders } from '../../../../lambdas/services/order/service.ts'
import { deadMessages } from '../../../../lambdas/platform/dead-letters/dead-letter-item.ts'
import { deadLetter } from '#engine/delivery/dead-letter.ts'
import { readBack, START } from '../../../support/dead-letters.ts'
import { lettersOfSamples } from '../../samples/letters.ts'
import { recordedLog } from '../../../support/http.ts'

const pending = { aggregate: order, republish: republishOrders, sagas: ['order'], byEventStore: false }

test('an order that is PENDING for long without a saga is published again, under its own id; others are not', async () => {
  const store = memoryStore([ordersTable, sagasTable])
  const publisher = memoryPublisher()
  const log = recordedLog()
  let now = Date.parse('2026-11-21T12:00:00Z')
  const clock = { now: () => now, sleep: () => Promise.resolve() }
  const findDead = async () => new Set<string>()
  const sweeper = createRepublisher({ pending, store, publisher, clock, log, topicOf, findDead })
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

describe('an order whose first event could not be handled', () => {
  /** The order o1, long without a saga, and a desk where dead letters are indexed and redriven. */
  async function longPending() {
    const desk = lettersOfSamples()
    const store = memoryStore([ordersTable, sagasTable])
    const publisher = memoryPublisher()
    const log = recordedLog()
    const counted: number[] = []
    let now = START
    const sweeper = createRepublisher({
      pending,
      store,
      publisher,
      clock: { now: () => now, sleep: () => Promise.resolve() },
      log: { ...log, count: (_metric, value = 1) => void counted.push(value) },
      topicOf,
      findDead: messages => deadMessages(desk.store, messages),
    })
    const body = { customerId: 'alice', items: [{ productId: 'p', quantity: 1 }], paymentMethod: 'tok' }
    await commitFromHttp({ store, aggregate: order, key: 'o1', ...create(body, { now }), now })
    now += WITHOUT_SAGA_AFTER_MS
    let deadLettered = 0
    return {
      desk,
      log,
      counted,
      sweep: () => sweeper.sweep(),
      wait: (ms: number) => void (now += ms),
      published: () => publisher.records().length,
      /** Its consumer gives up on what was published last. */
      async addDeadLetter(reason: 'INVALID' | 'REFUSED' = 'INVALID') {
        const record = publisher.records().at(-1)
        if (!record) throw new Error('nothing was published')
        const about = { reason, error: 'e', consumer: 'order-saga', attempts: 1 } as const
        await desk.index([readBack(deadLetter(readBack(record, deadLettered++), about), deadLettered)])
      },
      letters: async () => (await desk.get('/dead-letters')).body.items as { id: string; status: string }[],
    }
  }

  test.each(['INVALID', 'REFUSED'] as const)('for %s is not published again, and stays to be seen', async reason => {
    const world = await longPending()
    expect(await world.sweep()).toBe(1)
    await world.addDeadLetter(reason)
    for (let minute = 0; minute < 600; minute++) {
      world.wait(60_000)
      expect(await world.sweep()).toBe(0)
    }
    expect([world.published(), (await world.letters()).length]).toEqual([1, 1])
    expect(world.counted).toEqual(Array.from({ length: 601 }, () => 1))
    expect(world.log.lines.at(-1)).toMatchObject({
      level: 'warn',
      message: 'orders.dead-lettered',
      fields: { orders: 1 },
    })
  })

  test('goes on when an operator redrives it, and is not published again if it dies once more', async () => {
    const world = await longPending()
    await world.sweep()
    await world.addDeadLetter()
    const [letter] = await world.letters()
    await world.desk.post(`/dead-letters/${letter?.id}/redrive`, { reason: 'mended' })
    expect(world.desk.publisher.records().map(idOf)).toEqual(['order:o1.1.0'])
    // It may have been lost on its way back: it is published, and dies again.
    expect(await world.sweep()).toBe(1)
    await world.addDeadLetter()
    world.wait(60 * 60_000)
    expect(await world.sweep()).toBe(0)
    expect((await world.letters()).map(({ status }) => status).toSorted()).toEqual(['REDRIVEN', 'WAITING'])
  })

  test('is not looked for again when a person has set it aside', async () => {
    const world = await longPending()
    await world.sweep()
    await world.addDeadLetter()
    const [letter] = await world.letters()
    await world.desk.post(`/dead-letters/${letter?.id}/discard`, { reason: 'never' })
    world.wait(60 * 60_000)
    expect(await world.sweep()).toBe(0)
  })

  test('and is no dead letter that can be found is published ever more rarely', async () => {
    const world = await longPending()
    for (let minute = 0; minute < 24 * 60; minute++) {
      await world.sweep()
      world.wait(60_000)
    }
    expect(world.published()).toBeGreaterThan(5)
    expect(world.published()).toBeLessThan(15)
  })

  test('is left to a person after ten times, whatever it is, and stays in the alarm', async () => {
    const world = await longPending()
    for (let hour = 0; hour < 6 * 24; hour++) {
      await world.sweep()
      world.wait(60 * 60_000)
    }
    expect(world.published()).toBe(10)
    expect(world.log.lines.at(-1)).toMatchObject({ level: 'error', message: 'orders.republish-stopped' })
    expect(world.counted.at(-1)).toBe(1)
  })

  test('is left to a person when it is a week old, also by a sweep that knows of no time before', async () => {
    const world = await longPending()
    world.wait(7 * 24 * 60 * 60_000)
    expect(await world.sweep()).toBe(0)
    expect(world.log.lines.map(({ message }) => message)).toEqual(['orders.republish-stopped'])
    expect(world.counted).toEqual([1])
  })
})

const idOf = (record: OutgoingRecord) => String(headersOf(record).find(({ name }) => name === 'ce_id')?.value)
