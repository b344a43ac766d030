/** The rules of choreographed quoting that its happy paths do not show: late, lost, early and repeated messages. */
import { describe, expect, test } from 'vitest'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import type { Decision, Message, DecisionContext } from '#engine/model/aggregate.ts'
import { aggregate } from '#engine/model/aggregate-builder.ts'
import { choreography } from '#engine/choreography/choreography.ts'
import { topicPerAggregate, topicPerAggregateAndKind, topicPerKind } from '#engine/delivery/topics.ts'
import { createRepublisher } from '#engine/saga/republisher.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { quotingChoreography } from '../../../lambdas/catalog.ts'
import { choreographedCustomer as customer } from '../../../lambdas/services/customer/choreographed.ts'
import { CustomerPolicyCountUpdated } from '../../../lambdas/services/customer/contract.ts'
import { customersTable, customerUpdatesTable } from '../../../lambdas/services/customer/tables.ts'
import { choreographedPolicy } from '../../../lambdas/services/policy/choreographed.ts'
import { PolicyCreated } from '../../../lambdas/services/policy/contract.ts'
import { DEADLINE_MS, choreographedQuote as quote } from '../../../lambdas/services/quote/choreographed.ts'
import { QuoteApproved, QuoteRejected } from '../../../lambdas/services/quote/contract.ts'
import type { Quoting } from '../../../lambdas/quoting.ts'
import { isTime, republishQuotes } from '../../../lambdas/services/quote/republish-approved.ts'
import type { Quote } from '../../../lambdas/services/quote/rules.ts'
import { quotesTable } from '../../../lambdas/services/quote/tables.ts'
import { recordedLog } from '../../support/http.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const MINUTE = 60_000
const seen = (now = NOW): DecisionContext => ({ now, read: () => undefined, version: 2, next: [3, 0], stream: [] })
const message = (type: string, body: Record<string, unknown>): Message => ({
  id: `id-${type}`,
  type,
  sagaId: 'q1',
  body,
})
const policy = choreographedPolicy({ premiumMax: 10_000 })
const types = (decision: Decision<object>) =>
  'publish' in decision ? (decision.publish ?? []).map(({ message }) => message.type) : []

const approved: Quote = {
  status: 'APPROVED',
  customerId: 'c1',
  premium: 100,
  createdAt: '2026-11-21T12:00:00.000Z',
  updatedAt: '2026-11-21T12:00:00.000Z',
  approvedAt: '2026-11-21T12:00:00.000Z',
  approvalId: 'quote:q1.2.0',
}
const approval = message('QuoteApproved', { quoteID: 'q1', premium: 100, customerId: 'c1' })
const created = message('PolicyCreated', { policyID: 'p1', quoteID: 'q1', customerId: 'c1' })
const counted = message('CustomerPolicyCountUpdated', { quoteID: 'q1', customerId: 'c1', policyCount: 1 })
const decision = message('QuoteRejected', { quoteID: 'q1', reason: 'TIMED_OUT', version: 3 })
const claim = message('QuoteRejected', { quoteID: 'q1', reason: 'I say so' })

describe('the quote', () => {
  test.each([
    ['the policy first', created, counted],
    ['the count first', counted, created],
  ])('is completed by policy and count: %s', (_, first, second) => {
    const one = quote.decide(approved, first, seen())
    expect(one).toMatchObject({ kind: 'commit', state: { status: 'APPROVED' } })
    expect(types(one)).toEqual([])
    const two = quote.decide(one.kind === 'commit' ? one.state : undefined, second, seen())
    expect(two).toMatchObject({ kind: 'commit', state: { status: 'COMPLETED', policyID: 'p1' } })
    expect(types(two)).toEqual(['QuoteCompleted'])
  })

  test('that was rejected says so again when it is counted, and not when it hears of a rejection', () => {
    const rejected: Quote = { ...approved, status: 'REJECTED', reason: 'no', rejectedVersion: 3 }
    const answer = quote.decide(rejected, counted, seen())
    expect(answer).toMatchObject({ kind: 'answer', publish: [{ body: { reason: 'no', version: 3 } }] })
    const cancelled = message('PolicyCancelled', { policyID: 'p1', quoteID: 'q1', reason: 'no' })
    for (const message of [claim, decision, created, cancelled])
      expect(quote.decide(rejected, message, seen())).toMatchObject({ kind: 'ignore' })
  })

  test('rejects itself when it hears its approval after the deadline, and not before', () => {
    expect(quote.decide(approved, approval, seen(NOW + DEADLINE_MS - 1))).toMatchObject({ kind: 'ignore' })
    const late = quote.decide(approved, approval, seen(NOW + DEADLINE_MS))
    expect(late).toMatchObject({ kind: 'commit', state: { status: 'REJECTED', reason: 'TIMED_OUT' } })
    expect(quote.decide({ ...approved, status: 'COMPLETED' }, approval, seen(NOW + DEADLINE_MS)).kind).toBe('ignore')
  })

  test('acts on a claim by deciding itself', () => {
    const decided = quote.decide(approved, claim, seen())
    expect(decided).toMatchObject({ kind: 'commit', publish: [{ body: { reason: 'I say so', version: 3 } }] })
  })

  test('ignores a number that belongs to no quote', () => {
    const set = message('CustomerPolicyCountUpdated', { customerId: 'c1', policyCount: 5 })
    expect(quote.decide(undefined, set, seen())).toMatchObject({ kind: 'ignore' })
  })
})

describe('the policy', () => {
  const active = { status: 'ACTIVE', policyID: 'p1', customerId: 'c1', premium: 100, policyCount: 1 } as const

  test('is cancelled by the quote’s decision alone, and says so once', () => {
    expect(policy.decide(active, claim, seen())).toMatchObject({ kind: 'ignore' })
    const cancelled = policy.decide(active, decision, seen())
    expect(cancelled).toMatchObject({ kind: 'commit', state: { status: 'CANCELLED' }, alongside: [{ kind: 'add' }] })
    expect(types(cancelled)).toEqual(['PolicyCancelled'])
    expect(policy.decide({ ...active, status: 'CANCELLED' }, decision, seen())).toMatchObject({ kind: 'ignore' })
  })

  test('that was rejected before it was asked for is never issued', () => {
    const tombstone = policy.decide(undefined, decision, seen())
    const state = tombstone.kind === 'commit' ? tombstone.state : undefined
    expect(types(policy.decide(state, approval, seen()))).toEqual(['PolicyCancelled'])
  })

  test('answers an approval that comes again, and a count that failed again', () => {
    expect(types(policy.decide(active, approval, seen()))).toEqual(['PolicyCreated'])
    const refused = { status: 'REFUSED', policyID: 'p1', reason: 'Invalid premium amount' } as const
    const claims = policy.decide(refused, approval, seen())
    expect(claims).toMatchObject({ kind: 'answer', publish: [{ message: QuoteRejected }] })
    expect(claims.kind === 'answer' && claims.publish[0]?.body).not.toHaveProperty('version')
    const failed = message('CustomerPolicyCountUpdateFailed', { quoteID: 'q1', customerId: 'c1', reason: 'x' })
    expect(types(policy.decide({ ...active, status: 'CANCELLED' }, failed, seen()))).toEqual(['PolicyCancelled'])
  })
})

describe('the customer’s count', () => {
  test('of a rejected quote is taken back, or stays out if it was not there yet', () => {
    const there = { status: 'COUNTED', customerId: 'c1', quoteID: 'q1', policyCount: 3 } as const
    expect(customer.decide(there, decision, seen())).toMatchObject({
      state: { status: 'UNCOUNTED' },
      alongside: [{ add: { policyCount: -1 } }],
    })
    const tombstone = customer.decide(undefined, decision, seen())
    expect(tombstone).not.toHaveProperty('alongside')
    const state = tombstone.kind === 'commit' ? tombstone.state : undefined
    const late = customer.decide(state, created, seen())
    expect(late).toMatchObject({ kind: 'answer', publish: [{ body: { customerId: 'c1', reason: 'Taken back' } }] })
    expect(customer.decide(there, claim, seen())).toMatchObject({ kind: 'ignore' })
    expect(customer.decide(state, decision, seen())).toMatchObject({ kind: 'ignore' })
  })

  test('is kept by quote, or by command', () => {
    expect(customer.key?.(created)).toBe('q1')
    expect(customer.key?.(message('UpdateCustomerPolicyCount', { customerId: 'c1', policyCount: 5 }))).toBe(
      'cmd:id-UpdateCustomerPolicyCount',
    )
    expect([customersTable.name, customerUpdatesTable.name]).toEqual(['customers', 'customer-updates'])
  })
})

const pendingIn = (quoting: Quoting) => ({
  aggregate: quote,
  republish: republishQuotes,
  sagas: quoting === 'choreography' ? [] : ['quoting'],
  byEventStore: quoting === 'event-sourcing',
})

describe('the reminder', () => {
  test('comes in the minutes 1, 2, 4 and 8, and always past the deadline', () => {
    const minutes = Array.from({ length: 18 }, (_, minute) => minute).filter(minute => isTime(minute * MINUTE))
    expect(minutes).toEqual([1, 2, 4, 8, 15, 16, 17])
  })

  test('says a long-approved quote’s approval again, with its own id, and nothing of others', async () => {
    const store = memoryStore([quotesTable, sagasTable])
    const publisher = memoryPublisher()
    const put = (quoteID: string, state: Quote, version: number) =>
      store.commit([
        {
          ref: { table: 'quotes', key: { quoteID } },
          previous: undefined,
          item: { ...state, ...quote.indexed?.(state, quoteID), quoteID, version, handled: [] },
        },
      ])
    await put('q1', approved, 2)
    await put('q2', { ...approved, status: 'COMPLETED' }, 3)
    let now = NOW + MINUTE - 1
    const clock = { now: () => now, sleep: () => Promise.resolve() }
    const reminder = createRepublisher({
      pending: pendingIn('choreography'),
      store,
      publisher,
      clock,
      log: recordedLog(),
      topicOf: topicPerAggregate,
      findDead: async () => new Set(),
    })
    expect(await reminder.sweep()).toBe(0)
    now += 1
    expect(await reminder.sweep()).toBe(1)
    const [record] = publisher.records()
    expect(record).toMatchObject({ topic: 'quotes', key: 'q1', headers: { ce_id: 'quote:q1.2.0' } })
    expect(JSON.parse(String(record?.value))).toEqual({
      eventID: 'quote:q1.2.0',
      quoteID: 'q1',
      eventType: 'QuoteApproved',
      data: { premium: 100, customerId: 'c1' },
    })
  })

  test.each(['orchestration', 'event-sourcing'] as const)(
    'begins a quote without a saga where it is done by %s, and leaves one that has a saga',
    async quoting => {
      const store = memoryStore([quotesTable, sagasTable])
      const publisher = memoryPublisher()
      for (const quoteID of ['lost', 'begun']) {
        const item = { ...approved, ...quote.indexed?.(approved, quoteID), quoteID, version: 2, handled: [] }
        await store.commit([{ ref: { table: 'quotes', key: { quoteID } }, previous: undefined, item }])
      }
      const saga = { sagaKey: 'quoting:begun', status: 'RUNNING', version: 1 }
      await store.commit([{ ref: { table: 'sagas', key: { sagaKey: saga.sagaKey } }, previous: undefined, item: saga }])
      let now = NOW + 5 * MINUTE - 1
      const clock = { now: () => now, sleep: () => Promise.resolve() }
      const topicOf = (message: { about: string; kind: 'command' | 'event' }) =>
        (message.about === 'saga' ? topicPerAggregateAndKind : topicPerKind)(message)
      const reminder = createRepublisher({
        pending: pendingIn(quoting),
        store,
        publisher,
        clock,
        log: recordedLog(),
        topicOf,
        findDead: async () => new Set(),
      })
      expect(await reminder.sweep()).toBe(0)
      now += 1
      expect(await reminder.sweep()).toBe(1)
      const [record] = publisher.records()
      expect([record?.topic, record?.key, record?.headers['ce_id']]).toEqual(
        quoting === 'orchestration'
          ? ['saga-events', 'lost', approved.approvalId]
          : ['saga-control', 'lost', 'wake:quoting:lost.0'],
      )
    },
  )

  test('leaves an approval that is a dead letter to whoever redrives it', async () => {
    const store = memoryStore([quotesTable, sagasTable])
    const publisher = memoryPublisher()
    const item = { ...approved, ...quote.indexed?.(approved, 'q1'), quoteID: 'q1', version: 2, handled: [] }
    await store.commit([{ ref: { table: 'quotes', key: { quoteID: 'q1' } }, previous: undefined, item }])
    const dead = new Set([String(approved.approvalId)])
    const clock = { now: () => NOW + 5 * MINUTE, sleep: () => Promise.resolve() }
    const log = recordedLog()
    const reminder = createRepublisher({
      pending: pendingIn('orchestration'),
      store,
      publisher,
      clock,
      log,
      topicOf: topicPerKind,
      findDead: async () => dead,
    })
    expect(await reminder.sweep()).toBe(0)
    expect(log.lines.map(({ level, fields }) => [level, fields])).toEqual([['warn', { quotes: 1 }]])
    dead.clear()
    expect(await reminder.sweep()).toBe(1)
  })
})

describe('a choreography', () => {
  test('is the list of its services’ reactions', () => {
    const { reactions: list, startsWith } = quotingChoreography
    expect(startsWith).toBe(QuoteApproved)
    expect(list.filter(({ on }) => on === PolicyCreated).map(({ by }) => by)).toEqual(['quote', 'customer'])
  })

  test('refuses a second handler of a message, and what was not declared, where the compiler did not', () => {
    // Cast, as whoever cheats the compiler does: the loader and the engine find it all the same.
    const decide = () => ({ kind: 'commit', state: {}, publish: [{ message: QuoteRejected, body: {} }] }) as never
    const part = aggregate('policy', { table: quotesTable }).handles(PolicyCreated, { publishes: [], decide })
    expect(() => part.handles(PolicyCreated as never, { publishes: [], decide })).toThrow(
      'policy handles PolicyCreated twice',
    )
    expect(() => part.build().decide(undefined, created, seen())).toThrow(
      'policy publishes QuoteRejected on PolicyCreated, and does not list it in `publishes`',
    )
    expect(() => part.build().decide(undefined, counted, seen())).toThrow('does not handle')
  })

  test('does not compile while somebody says what nobody hears', () => {
    const policy = aggregate('policy', { table: quotesTable })
      .handles(QuoteApproved, {
        publishes: [CustomerPolicyCountUpdated],
        decide: () => ({ kind: 'ignore', why: '' }),
      })
      .build()
    // @ts-expect-error CustomerPolicyCountUpdated is published, but nobody handles it
    choreography('x', { startsWith: QuoteApproved, endsWith: [] }, { policy })
    expect(
      choreography('x', { startsWith: QuoteApproved, endsWith: [CustomerPolicyCountUpdated] }, { policy }).name,
    ).toBe('x')
  })
})
