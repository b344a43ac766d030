/** The event store of quoting: its streams have no gaps, races have one winner, and the feed is only a trigger. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Item } from '#engine/model/ports.ts'
import { quoteEvents, quoteEventStore } from '../../../../lambdas/services/quote/events.ts'
import { gatewayTo } from '../../../support/http.ts'
import { quotingSystem } from '../../samples/small-system.ts'

let system: ReturnType<typeof quotingSystem>
let call: ReturnType<typeof gatewayTo>
beforeEach(() => {
  system = quotingSystem('event-sourcing')
  call = gatewayTo(system.app)
})

const operator = { sub: 'olga', groups: 'operators' }
const customer = () => call({ method: 'POST', path: '/customers', body: { customerId: 'c1', name: 'c1' }, ...operator })
const countOf = async () => (await call({ path: '/customers/c1', ...operator })).body.policyCount as number
const draft = (quoteID: string, premium = 100) =>
  call({ method: 'POST', path: '/quotes', body: { quoteID, premium, customerId: 'c1' } })
const approve = (quoteID: string) => call({ method: 'POST', path: `/quotes/${quoteID}/approve` })
const statusOf = async (quoteID: string) => (await call({ path: `/quotes/${quoteID}` })).body.status
const events = async (quoteID: string) =>
  (await call({ path: `/quotes/${quoteID}/events` })).body.items as Record<string, unknown>[]
const typesOf = async (quoteID: string) => (await events(quoteID)).map(event => event['eventType'])

describe('the stream of a quote', () => {
  test('begins with its approval, and has every event once, numbered from 1', async () => {
    await customer()
    await draft('q1')
    expect(await events('q1')).toEqual([])
    await approve('q1')
    expect(await typesOf('q1')).toEqual([
      'QuoteApproved',
      'PolicyCreated',
      'CustomerPolicyCountUpdated',
      'QuoteCompleted',
    ])
    const stream = await events('q1')
    expect(stream.map(event => event['sequenceNumber'])).toEqual([1, 2, 3, 4])
    const [first, second] = stream
    expect(first).toEqual({
      eventID: 'quote:q1.2.0',
      quoteID: 'q1',
      eventType: 'QuoteApproved',
      data: { premium: 100, customerId: 'c1' },
      sequenceNumber: 1,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    })
    expect(second).toMatchObject({
      policyID: expect.stringMatching(/^policy-/),
      data: { quoteID: 'q1', customerId: 'c1' },
    })
    expect((await call({ path: '/quotes/q1/events', sub: 'mallory' })).status).toBe(404)
    expect((await call({ path: '/quotes/q1/events', ...operator })).status).toBe(200)
  })

  test('is published on the events’ topic too, each event under its own id', async () => {
    await customer()
    await draft('q1')
    await approve('q1')
    const published = system
      .records()
      .filter(({ topic }) => topic === 'saga-events')
      .map(({ value }) => JSON.parse(String(value)).eventID)
    expect(published).toEqual((await events('q1')).map(event => event['eventID']))
  })

  test('takes an event of others once, by its id', async () => {
    await customer()
    const event = {
      eventID: 'e1',
      policyID: 'p9',
      eventType: 'PolicyCreated',
      data: { quoteID: 'q9', customerId: 'c1' },
    }
    await system.produce('saga-events', event)
    await system.produce('saga-events', event)
    await system.produce('saga-events', { ...event, eventID: 'e2' })
    const stored = system.store.items('quote-events').filter(item => item['quoteID'] === 'q9')
    expect(stored.map(item => item['eventType'])).toEqual([
      'PolicyCreated',
      'CustomerPolicyCountUpdated',
      'QuoteCompleted',
    ])
    expect(stored[0]).toMatchObject({ eventID: 'e1', policyID: 'p9', data: { quoteID: 'q9', customerId: 'c1' } })
    expect(await countOf()).toBe(1)
  })

  test('is closed to a rejection once it counts, and to a count once it is rejected', async () => {
    await customer()
    await draft('q1')
    await approve('q1')
    await system.produce('saga-events', {
      eventID: 'e1',
      quoteID: 'q1',
      eventType: 'QuoteRejected',
      data: { reason: 'no' },
    })
    await system.produce('saga-commands', {
      commandID: 'c1',
      quoteID: 'q1',
      commandType: 'RejectQuote',
      data: { reason: 'no' },
    })
    expect(await statusOf('q1')).toBe('COMPLETED')

    await system.produce('saga-events', {
      eventID: 'e2',
      quoteID: 'q2',
      eventType: 'QuoteRejected',
      data: { reason: 'no' },
    })
    const count = {
      commandID: 'c2',
      customerId: 'c1',
      quoteID: 'q2',
      commandType: 'UpdateCustomerPolicyCount',
      data: {},
    }
    await system.produce('saga-commands', count)
    await system.produce('saga-events', {
      eventID: 'e3',
      quoteID: 'q2',
      eventType: 'QuoteApproved',
      data: { premium: 1, customerId: 'c1' },
    })
    expect(await countOf()).toBe(1)
    expect(system.store.items('quote-events').filter(item => item['quoteID'] === 'q2')).toHaveLength(1)
  })

  test('with a rejection in the middle is taken back, whatever had been done', async () => {
    await customer()
    await draft('q1')
    const rejection = { eventID: 'e1', eventType: 'QuoteRejected', data: { reason: 'another claim' } }
    beforeLook(2, () => append('q1', 2, rejection))
    await approve('q1')
    expect(await typesOf('q1')).toEqual(['QuoteApproved', 'QuoteRejected', 'PolicyCancelled'])
    expect(await countOf()).toBe(0)
    const [saga] = await system.store.read([{ table: 'sagas', key: { sagaKey: 'quoting:q1' } }])
    expect(saga).toMatchObject({ status: 'ABORTED', reason: 'another claim', sequenceNumber: 3 })
  })

  test('that triggers again, late and in reverse changes nothing and publishes nothing new', async () => {
    await customer()
    for (const [id, premium] of [
      ['q1', 100],
      ['q2', -1],
    ] as const) {
      await draft(id, premium)
      await approve(id)
    }
    const before = { events: system.store.items('quote-events'), sagas: system.store.items('sagas') }
    const outgoing = new Set(system.records().map(({ headers }) => headers['ce_id']))
    await system.redeliver()
    expect(system.store.items('quote-events')).toEqual(before.events)
    expect(system.store.items('sagas')).toEqual(before.sagas)
    expect(new Set(system.records().map(({ headers }) => headers['ce_id']))).toEqual(outgoing)
  })

  test('has one winner for a number: the other reads what was first and decides again', async () => {
    await customer()
    await draft('q1')
    // Between the policy's look at the stream and its append, somebody else appends.
    afterLook(2, () => append('q1', 2, { eventID: 'e1', eventType: 'PolicyCreationFailed', data: { reason: 'x' } }))
    await approve('q1')
    const types = await typesOf('q1')
    expect(types.slice(0, 3)).toEqual(['QuoteApproved', 'PolicyCreationFailed', 'PolicyCreated'])
    expect((await events('q1')).map(event => event['sequenceNumber'])).toEqual(types.map((_, i) => i + 1))
    // The refusal came first, so the quote is rejected, and the policy that was created all the same is cancelled.
    expect(await statusOf('q1')).toBe('REJECTED')
    expect(system.store.items('policies')).toMatchObject([{ status: 'CANCELLED' }])
    expect(await countOf()).toBe(0)
  })
})

/** Somebody else's event, which triggers as ours do. */
async function append(quoteID: string, sequenceNumber: number, event: Item): Promise<void> {
  const key = { quoteID, sequenceNumber }
  const item = { ...event, ...key, timestamp: '2026-11-21T00:00:00.000Z' }
  const customerId = `other-${quoteID}-${sequenceNumber}`
  const [result] = await system.store.commit([
    {
      ref: { table: 'policy-counts', key: { customerId } },
      previous: undefined,
      item: { customerId, version: 1 },
      alongside: [{ kind: 'insert', ref: { table: 'quote-events', key }, item }],
    },
  ])
  expect(result?.outcome).toBe('committed')
}

/** Does something around the consumers' `n`th look at a stream; the first is the orchestrator's, the second the policy's. */
function aroundLook(n: number, { before, after }: { before?: () => Promise<void>; after?: () => Promise<void> }): void {
  const { store } = system
  const query = store.query.bind(store)
  let looks = 0
  store.query = async asked => {
    const isIt = asked.table === 'quote-events' && ++looks === n
    if (isIt) await before?.()
    const page = await query(asked)
    if (isIt) await after?.()
    return page
  }
}
const beforeLook = (n: number, act: () => Promise<void>) => aroundLook(n, { before: act })
const afterLook = (n: number, act: () => Promise<void>) => aroundLook(n, { after: act })

describe('what may follow what', () => {
  const after = (...types: string[]): Item[] => types.map(eventType => ({ eventType }))
  test.each([
    [[], 'QuoteRejected', true],
    [['QuoteApproved'], 'QuoteApproved', false],
    [['QuoteRejected'], 'QuoteApproved', false],
    [['QuoteRejected'], 'PolicyCreated', false],
    [['QuoteRejected'], 'CustomerPolicyCountUpdated', false],
    [['QuoteRejected'], 'PolicyCancelled', true],
    [['CustomerPolicyCountUpdated'], 'QuoteRejected', false],
    [['CustomerPolicyCountUpdated', 'CustomerPolicyCountReverted'], 'QuoteRejected', true],
    [['CustomerPolicyCountReverted'], 'CustomerPolicyCountUpdated', false],
    [['PolicyCancelled'], 'PolicyCreated', false],
    [['PolicyCreationFailed'], 'PolicyCreated', true],
    [['PolicyCreated'], 'PolicyCreationFailed', false],
    [['QuoteCompleted'], 'QuoteRejected', false],
  ])('after %j, %s: %s', (types, next, may) => {
    expect(quoteEventStore.mayAppend(after(...types), next)).toBe(may)
  })

  test('every event is decided on', () => {
    for (const { type } of quoteEvents) expect(quoteEventStore.mayAppend(after(type), type)).toBe(false)
  })
})
