/** Folding on its own: what one commit is made of, and what is published again after a crash. */
import { describe, expect, test } from 'vitest'
import type { Aggregate, Message } from '#engine/model/aggregate.ts'
import { mergeAlongside, refKey } from '#engine/delivery/alongside.ts'
import { decideBatch } from '#engine/delivery/decide-batch.ts'
import type { Stored } from '#engine/delivery/stored-item.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import type { Item } from '#engine/model/ports.ts'
import type { SagaState } from '#engine/saga/state.ts'
import { appended } from '#engine/event-store/read-stream.ts'
import { type StreamDriven, streamOrchestrator } from '#engine/event-store/stream-orchestrator.ts'
import { orderSaga } from '../../../../lambdas/sagas/order/saga.ts'
import { quotingSaga } from '../../../../lambdas/sagas/quoting/saga.ts'
import { messageOf, quoteEvents, quoteEventStore } from '../../../../lambdas/services/quote/events.ts'
import { type Reservation, reservation } from '../../../../lambdas/services/product/rules.ts'

const items = [{ productId: 'p1', quantity: 2 }]
const total = { amount: 300, currency: 'EUR' }
const message = (id: string, type: string, body: Record<string, unknown>): Message => ({
  id,
  type,
  sagaId: 'o1',
  body: { orderId: 'o1', ...body },
})
const control = (id: string, type: string, version: number): Message => ({
  ...message(id, type, { sagaId: 'o1', saga: 'order', version }),
  control: true,
})
const START = Date.UTC(2026, 0, 1)

function deliver<State extends object>(
  aggregate: Aggregate<State>,
  stored: Stored<State> | undefined,
  messages: Message[],
  now = START,
) {
  const product = { productId: 'p1', stock: 5, price: { amount: 150, currency: 'EUR' } }
  return decideBatch({ aggregate, key: 'o1', stored, messages, now, read: () => product })
}

describe('what is published again', () => {
  const saga = orchestrator(orderSaga)
  const created = message('m1', 'OrderCreatedEvent', { customerId: 'alice', items, paymentMethod: 'tok' })

  test('a command that is published again takes with it what its commit carried over: the answer would make it forgotten', () => {
    // The order's record is on its way through the dead letters, its row not written yet; a deadline took over.
    const first = deliver(saga, undefined, [created]).commit?.stored as Stored<SagaState>
    const wake = control('wake:order:o1.1', 'SagaWakeUp', 1)
    const second = deliver(saga, first, [wake], START + 61_000)
    expect(second.effects.rows.map(row => row.item['status'])).toEqual(['CREATED'])
    const after = deliver(saga, second.commit?.stored, [wake], START + 62_000)
    expect(after.fates[0]?.fate).toBe('duplicate')
    expect(after.effects.sent.map(sent => sent.type)).toEqual(['ProductReserveCommand'])
    expect(after.effects.rows.map(row => row.item['status'])).toEqual(['CREATED'])
  })
  test('again, and then a commit that leaves the step: its row is written, its command is not sent any more', () => {
    const first = deliver(saga, undefined, [created]).commit?.stored
    const reply = message('m2', 'ProductReserveConfirmationEvent', { items, total })
    const { commit, effects } = deliver(saga, first, [created, reply])
    expect(effects.sent.map(sent => sent.type)).toEqual(['PaymentProcessCommand'])
    expect(effects.rows).toHaveLength(1)
    expect(commit?.stored).toMatchObject({ version: 2, handled: ['m1', 'm2'] })
    expect(commit?.stored.rows).toHaveLength(1)
  })
})

describe('what may not be published yet when the next commit is made', () => {
  describe('by a message from a topic', () => {
    const saga = orchestrator(orderSaga)
    const created = message('m1', 'OrderCreatedEvent', { customerId: 'alice', items, paymentMethod: 'tok' })
    const reply = message('m2', 'ProductReserveConfirmationEvent', { items, total })
    /** The order's record is on its way through the dead letters. */
    const begun = deliver(saga, undefined, [created]).commit?.stored
    const rowsAfter = (message: Message, stored = begun) => {
      const { effects, commit } = deliver(saga, stored, [message], START + 61_000)
      const statuses = (rows: readonly { item: Item }[] = []) => rows.map(({ item }) => item['status'])
      return { written: statuses(effects.rows), kept: statuses(commit?.stored.rows), stored: commit?.stored }
    }

    test('is published with it, and kept, if that answers another’s command', () => {
      const others = rowsAfter({ ...reply, causationId: 'another-1' })
      expect(others).toMatchObject({ written: ['CREATED'], kept: ['CREATED'] })
      const answer = message('m3', 'PaymentProcessSuccessfulEvent', { paymentId: 'p1' })
      expect(rowsAfter({ ...answer, causationId: 'order-saga:o1.2.0' }, others.stored).kept).toEqual([])
    })
    test('is kept by the answer to a command that was published before: a retry’s own commit may be as good as unhandled', () => {
      const retried = deliver(saga, begun, [control('op:1', 'SagaRetry', 1)]).commit?.stored
      const answer = { ...reply, causationId: 'order-saga:o1.1.0' }
      expect(rowsAfter(answer, retried)).toMatchObject({ written: ['CREATED'], kept: ['CREATED'] })
    })
    test.each(['order-saga:o1.1.0', undefined])('is nothing if that is the answer, by its cause %s', causationId => {
      const answer = causationId === undefined ? reply : { ...reply, causationId }
      expect(rowsAfter(answer)).toMatchObject({ written: [], kept: [] })
    })
  })

  describe('by an event of a stream', () => {
    const aggregate = streamOrchestrator({ store: quoteEventStore, events: quoteEvents, messageOf }, quotingSaga)
    const eventOf = (n: number, eventType: string, more: Item): Item => ({
      quoteID: 'q1',
      sequenceNumber: n,
      eventID: `e${n}`,
      eventType,
      data: {},
      ...more,
    })
    const approved = eventOf(1, 'QuoteApproved', { data: { premium: 100, customerId: 'c1' } })
    const issued = eventOf(2, 'PolicyCreated', { policyID: 'p1', causationID: 'quoting-saga:q1.1.0' })
    const failed = (causationID?: string) =>
      eventOf(3, 'CustomerPolicyCountUpdateFailed', { data: { reason: 'x' }, ...(causationID && { causationID }) })
    const claimed = eventOf(3, 'QuoteRejected', { data: { reason: 'they say so' }, takenIn: true })
    const trigger = (stored: Stored<StreamDriven> | undefined, ...stream: Item[]) => {
      const messages = stream.slice(stored?.state.sequenceNumber ?? 0).map(messageOf)
      const { effects, commit } = decideBatch({
        aggregate,
        key: 'q1',
        stored,
        messages,
        now: START,
        read: () => undefined,
        streamAfter: alongside => [...stream, ...appended(quoteEventStore, alongside)],
      })
      const events = new Set<string>(quoteEvents.map(({ type }) => type))
      return {
        outgoing: effects.sent.flatMap(({ type, id }) => (events.has(type) ? [id] : [])),
        kept: commit?.stored.sent.flatMap(({ type, cause }) => (events.has(type) ? [cause] : [])),
        handled: commit?.stored.handled,
        stored: commit?.stored,
      }
    }
    const first = trigger(undefined, approved)

    test('is nothing in a saga’s own course: each event answers the command before, and is published once', () => {
      expect(first).toMatchObject({ outgoing: ['e1'], kept: ['e1'] })
      const second = trigger(first.stored, approved, issued)
      expect(second).toMatchObject({ outgoing: ['e2'], kept: ['e2'], handled: ['e2'] })
      const third = trigger(second.stored, approved, issued, failed('quoting-saga:q1.2.0'))
      expect(third).toMatchObject({ outgoing: ['e3'], kept: ['e3'], handled: ['e3'] })
    })
    test('is published with it, and kept, if nobody has asked for that event', () => {
      const second = trigger(first.stored, approved, issued)
      const third = trigger(second.stored, approved, issued, claimed)
      expect(third).toMatchObject({ outgoing: ['e2'], kept: ['e2'], handled: ['e2', 'e3'] })
      // Nor by what may be published yet.
      const reverted = eventOf(4, 'CustomerPolicyCountReverted', { causationID: 'another-1' })
      const fourth = trigger(third.stored, approved, issued, claimed, reverted)
      expect(fourth).toMatchObject({ outgoing: ['e2', 'e4'], kept: ['e2', 'e4'] })
      const cancelled = eventOf(5, 'PolicyCancelled', { causationID: 'quoting-saga:q1.4.0' })
      const fifth = trigger(fourth.stored, approved, issued, claimed, reverted, cancelled)
      expect(fifth).toMatchObject({ outgoing: ['e5'], kept: ['e5'], handled: ['e5'] })
    })
    test('is as good as published for the answer to a command of the same commit alone, and not to one published before', () => {
      const second = trigger(first.stored, approved, issued)
      const third = trigger(second.stored, approved, issued, failed('quoting-saga:q1.1.0'))
      expect(third).toMatchObject({ outgoing: ['e2', 'e3'], kept: ['e2', 'e3'] })
    })
    test('stays bounded: a stream takes each type once, so the whole of one is kept at most', () => {
      let stored = first.stored
      const stream = [approved]
      for (const [i, { type }] of quoteEvents.filter(({ type }) => type !== 'QuoteApproved').entries()) {
        stream.push(eventOf(i + 2, type, { data: { reason: 'another’s' } }))
        stored = trigger(stored, ...stream).stored
      }
      expect(stored?.state.sequenceNumber).toBe(quoteEvents.length)
      expect(stored?.sent.length).toBeLessThanOrEqual(quoteEvents.length + 1)
      expect(JSON.stringify(stored?.item).length).toBeLessThan(4_096)
    })
  })
})

test('an operator who retries without end does not make the saga grow without end', () => {
  const saga = orchestrator(orderSaga)
  const created = message('m1', 'OrderCreatedEvent', { customerId: 'alice', items, paymentMethod: 'tok' })
  let stored = deliver(saga, undefined, [created]).commit?.stored
  for (let version = 1; version < 100; version++) {
    const { commit, effects } = deliver(saga, stored, [control(`op:${version}`, 'SagaRetry', version)])
    stored = commit?.stored
    expect(effects.sent.map(sent => sent.id)).toEqual(['order-saga:o1.1.0'])
  }
  expect(stored?.handled.length).toBeLessThan(4)
  // What the order caused, and nobody has seen to be written, is still there.
  expect(stored).toMatchObject({ version: 100, rows: [{ cause: 'm1' }], sent: [{ version: 1, n: 0, cause: 'op:99' }] })
})

test('answers and messages are published in the order that they were decided', () => {
  const reserve = (id: string) => message(id, 'ProductReserveCommand', { items })
  const cancel = message('c3', 'ProductReserveCancelCommand', { reason: 'TIMED_OUT' })
  const { effects } = deliver<Reservation>(reservation, undefined, [reserve('c1'), reserve('c2'), cancel])
  expect(effects.sent.map(sent => [sent.type, sent.cause])).toEqual([
    ['ProductReserveConfirmationEvent', 'c1'],
    ['ProductReserveConfirmationEvent', 'c2'],
    ['ProductReserveCancelledEvent', 'c3'],
  ])
  expect(new Set(effects.sent.map(sent => sent.id)).size).toBe(3)
})

describe('changes alongside', () => {
  const ref = { table: 'customers', key: { customerId: 'c' } }
  test('of one item are summed, and the most that any of them needed is asked for', () => {
    const take = (n: number) => ({ kind: 'add' as const, ref, add: { stock: -n }, atLeast: { stock: n } })
    expect(mergeAlongside([take(2), { kind: 'add', ref, add: { stock: 1 } }, take(3)])).toEqual([
      { kind: 'add', ref, add: { stock: -4 }, atLeast: { stock: 4 } },
    ])
  })
  test('what is added to an item that the same commit inserts is part of it', () => {
    const inserted = { kind: 'insert' as const, ref, item: { customerId: 'c', policyCount: 1 } }
    expect(mergeAlongside([inserted, { kind: 'add', ref, add: { policyCount: 2 } }])).toEqual([
      { ...inserted, item: { customerId: 'c', policyCount: 3 } },
    ])
  })
  test('ids with slashes are different items', () => {
    const row = (orderId: string, status: string) => refKey({ table: 'orders-history', key: { orderId, status } })
    expect(row('a/b', 'c')).not.toBe(row('a', 'b/c'))
  })
})
