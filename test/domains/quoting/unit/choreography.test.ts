/** The rules of choreographed quoting that its happy paths do not show: late, lost, early and repeated messages. */
import { describe, expect, test } from 'vitest'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import type { Aggregate, DecisionContext, Message } from '#engine/model/aggregate.ts'
import { aggregate } from '#engine/model/aggregate-builder.ts'
import { choreography } from '#engine/choreography/choreography.ts'
import { topicPerAggregate, topicPerAggregateAndKind, topicPerKind } from '#engine/delivery/topics.ts'
import { createRepublisher } from '#engine/saga/republisher.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { type AggregateStory, given as begin } from '#engine/testing'
import { quotingChoreography } from '../../../../lambdas/sagas/quoting/domain.ts'
import { choreographedCustomer as customer } from '../../../../lambdas/services/customer/choreographed.ts'
import {
  CustomerPolicyCountUpdated,
  CustomerPolicyCountUpdateFailed,
} from '../../../../lambdas/services/customer/contract.ts'
import { customersTable, customerUpdatesTable } from '../../../../lambdas/services/customer/tables.ts'
import { choreographedPolicy } from '../../../../lambdas/services/policy/choreographed.ts'
import { PolicyCancelled, PolicyCreated } from '../../../../lambdas/services/policy/contract.ts'
import { DEADLINE_MS, choreographedQuote as quote } from '../../../../lambdas/services/quote/choreographed.ts'
import { QuoteApproved, QuoteCompleted, QuoteRejected } from '../../../../lambdas/services/quote/contract.ts'
import type { Quoting } from '../../../../lambdas/quoting.ts'
import { isTime, republishQuotes } from '../../../../lambdas/services/quote/republish-approved.ts'
import type { Policy } from '../../../../lambdas/services/policy/rules.ts'
import type { Quote } from '../../../../lambdas/services/quote/rules.ts'
import { quotesTable } from '../../../../lambdas/services/quote/tables.ts'
import { recordedLog } from '../../../support/http.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const MINUTE = 60_000
const policy = choreographedPolicy({ premiumMax: 10_000 })

const approved: Quote = {
  status: 'APPROVED',
  customerId: 'c1',
  premium: 100,
  createdAt: '2026-11-21T12:00:00.000Z',
  updatedAt: '2026-11-21T12:00:00.000Z',
  approvedAt: '2026-11-21T12:00:00.000Z',
  approvalId: 'quote:q1.2.0',
}
const given = <State extends object>(aggregate: Aggregate<State>, state?: State) =>
  begin(aggregate, state, { sagaId: 'q1', version: 2, now: NOW })

/** What comes, as the next step of whosever story. */
type Story<S extends object> = AggregateStory<S>
const approval = <S extends object>(story: Story<S>) => story.when(QuoteApproved, { premium: 100, customerId: 'c1' })
const created = <S extends object>(story: Story<S>) =>
  story.when(PolicyCreated, { policyID: 'p1', quoteID: 'q1', customerId: 'c1' })
const counted = <S extends object>(story: Story<S>) =>
  story.when(CustomerPolicyCountUpdated, { quoteID: 'q1', customerId: 'c1', policyCount: 1 })
const decision = <S extends object>(story: Story<S>) => story.when(QuoteRejected, { reason: 'TIMED_OUT', version: 3 })
const claim = <S extends object>(story: Story<S>) => story.when(QuoteRejected, { reason: 'I say so' })
const cancelled = <S extends object>(story: Story<S>) =>
  story.when(PolicyCancelled, { policyID: 'p1', quoteID: 'q1', reason: 'no' })

describe('the quote', () => {
  test.each([
    ['the policy first', created, counted],
    ['the count first', counted, created],
  ])('is completed by policy and count: %s', (_, first, second) => {
    const one = first(given(quote, approved)).thenState({ status: 'APPROVED' }).thenPublishesNothing()
    second(one).thenState({ status: 'COMPLETED', policyID: 'p1' }).thenPublishes(QuoteCompleted, { policyID: 'p1' })
  })

  test('that was rejected publishes that again when it is counted, and not when it is given a rejection', () => {
    const rejected = given<Quote>(quote, { ...approved, status: 'REJECTED', reason: 'no', rejectedVersion: 3 })
    const answer = counted(rejected).thenPublishes(QuoteRejected, { reason: 'no', version: 3 })
    expect(answer.decision.fates[0]?.fate).toBe('answered')
    for (const given of [claim, decision, created, cancelled]) given(rejected).thenNothingHappened()
  })

  test('rejects itself when it handles its approval after the deadline, and not before', () => {
    const afterMs = (ms: number, state = approved) =>
      approval(begin(quote, state, { sagaId: 'q1', version: 2, now: NOW + ms }))
    afterMs(DEADLINE_MS - 1).thenNothingHappened()
    afterMs(DEADLINE_MS).thenState({ status: 'REJECTED', reason: 'TIMED_OUT' })
    afterMs(DEADLINE_MS, { ...approved, status: 'COMPLETED' }).thenNothingHappened()
  })

  test('acts on a claim by deciding itself', () => {
    const decided = claim(given(quote, approved)).thenPublishes(QuoteRejected, { reason: 'I say so', version: 3 })
    expect(decided.decision.fates[0]?.fate).toBe('committed')
  })

  test('ignores a number that belongs to no quote', () => {
    given(quote).when(CustomerPolicyCountUpdated, { customerId: 'c1', policyCount: 5 }).thenNothingHappened()
  })
})

describe('the policy', () => {
  const active = { status: 'ACTIVE', policyID: 'p1', customerId: 'c1', premium: 100, policyCount: 1 } as const

  test('is cancelled by the quote’s decision alone, and says so once', () => {
    claim(given(policy, active)).thenNothingHappened()
    const gone = decision(given(policy, active)).thenState({ status: 'CANCELLED' }).thenPublishes(PolicyCancelled)
    expect(gone.decision.commit?.alongside).toMatchObject([{ kind: 'add' }])
    decision(given<Policy>(policy, { ...active, status: 'CANCELLED' })).thenNothingHappened()
  })

  test('that was rejected before it was asked for is never issued', () => {
    approval(decision(given(policy))).thenPublishes(PolicyCancelled)
  })

  test('answers an approval that comes again, and a count that failed again', () => {
    approval(given(policy, active)).thenPublishes(PolicyCreated)
    const refused = { status: 'REFUSED', policyID: 'p1', reason: 'Invalid premium amount' } as const
    // A claim has no version: the whole body is compared.
    const claims = approval(given(policy, refused)).thenPublishes(QuoteRejected, { reason: 'Policy creation failed' })
    expect(claims.decision.fates[0]?.fate).toBe('answered')
    given<Policy>(policy, { ...active, status: 'CANCELLED' })
      .when(CustomerPolicyCountUpdateFailed, { quoteID: 'q1', customerId: 'c1', reason: 'x' })
      .thenPublishes(PolicyCancelled)
  })
})

describe('the customer’s count', () => {
  test('of a rejected quote is taken back, or stays out if it was not there yet', () => {
    const there = { status: 'COUNTED', customerId: 'c1', quoteID: 'q1', policyCount: 3 } as const
    const taken = decision(given(customer, there)).thenState({ status: 'UNCOUNTED' })
    expect(taken.decision.commit?.alongside).toMatchObject([{ add: { policyCount: -1 } }])
    const tombstone = decision(given(customer)).thenChangesAlongside()
    const late = created(tombstone).thenPublishes(CustomerPolicyCountUpdateFailed, {
      quoteID: 'q1',
      customerId: 'c1',
      reason: 'Taken back',
    })
    expect(late.decision.fates[0]?.fate).toBe('answered')
    claim(given(customer, there)).thenNothingHappened()
    // Under another id: it is not the same message again.
    decision(tombstone).thenNothingHappened()
  })

  test('is kept by quote, or by command', () => {
    const keyed = (type: string, body: Record<string, unknown>) =>
      customer.key?.({ id: `id-${type}`, type, sagaId: 'q1', body })
    expect(keyed('PolicyCreated', { policyID: 'p1', quoteID: 'q1', customerId: 'c1' })).toBe('q1')
    expect(keyed('UpdateCustomerPolicyCount', { customerId: 'c1', policyCount: 5 })).toBe(
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

  test('comes once a minute however often it is swept, and not while the approval is a dead letter', async () => {
    const store = memoryStore([quotesTable, sagasTable])
    const publisher = memoryPublisher()
    const item = { ...approved, ...quote.indexed?.(approved, 'q1'), quoteID: 'q1', version: 2, handled: [] }
    await store.commit([{ ref: { table: 'quotes', key: { quoteID: 'q1' } }, previous: undefined, item }])
    let now = NOW
    let dead: readonly string[] = []
    const reminder = createRepublisher({
      pending: pendingIn('choreography'),
      store,
      publisher,
      clock: { now: () => now, sleep: () => Promise.resolve() },
      log: recordedLog(),
      topicOf: topicPerAggregate,
      findDead: async () => new Set(dead),
    })
    /** How many were published in these minutes, swept every second. */
    const publishedIn = async (minutes: number) => {
      const before = publisher.records().length
      for (const end = now + minutes * MINUTE; now < end; now += 1000) await reminder.sweep()
      return publisher.records().length - before
    }
    expect(await publishedIn(5)).toBe(3)
    dead = [approved.approvalId ?? '']
    expect(await publishedIn(10)).toBe(0)
    // Past its deadline the quote rejects itself when the approval comes again; what does not help comes ever more rarely.
    expect(await publishedIn(30)).toBe(3)
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
    const count: Message = { id: 'm1', type: CustomerPolicyCountUpdated.type, sagaId: 'q1', body: {} }
    const context: DecisionContext = { now: NOW, read: () => undefined, version: 2, next: [3, 0], stream: [] }
    // Cast, as whoever cheats the compiler does: the loader and the engine find it all the same.
    const decide = () => ({ kind: 'commit', state: {}, publish: [{ message: QuoteRejected, body: {} }] }) as never
    const part = aggregate('policy', { table: quotesTable }).handles(PolicyCreated, { publishes: [], decide })
    expect(() => part.handles(PolicyCreated as never, { publishes: [], decide })).toThrow(
      'policy handles PolicyCreated twice',
    )
    expect(() => created(given(part.build()))).toThrow(
      'policy publishes QuoteRejected on PolicyCreated, and does not list it in `publishes`',
    )
    expect(() => part.build().decide(undefined, count, context)).toThrow('does not handle')
  })

  test('does not compile while somebody publishes what nobody handles', () => {
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
