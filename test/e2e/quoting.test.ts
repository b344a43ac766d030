/**
 * Quoting on real Kafka and DynamoDB Local, in each wiring: three environments, each with its own `TOPIC_PREFIX`, share
 * one broker. The same ids are used in all of them, so that whatever leaks from one to another is counted twice.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Quoting, quotings } from '../../lambdas/quoting.ts'
import { signingKey } from '../../localstack/runtime/identity.ts'
import { askAsEverybody, expectedOf, operationsOf } from '../support/authorization.ts'
import { produce, readAll, topicsOf } from '../support/broker-client.ts'
import { HttpClient, tokenOf } from '../support/http-client.ts'
import { EXAMPLES, type ExampleType, topicOf } from '../domains/quoting/examples.ts'
import { gaps, replay, settledIn } from '../support/quoting-streams.ts'
import { launch, type System, tellWhenFailed } from '../support/system.ts'
import { allItems } from '../support/table-items.ts'
import type { Operation } from '../support/published-api.ts'
import { until } from '../support/until.ts'
import { whatAliceHas } from '../support/what-alice-has.ts'

/** Only this machine has them, and no document. */
const sandboxOperations = [
  { method: 'GET', path: '/sandbox/charges' } as const,
  { method: 'POST', path: '/sandbox/provider' } as const,
  { method: 'POST', path: '/sandbox/consumers/{name}/pause' } as const,
  { method: 'POST', path: '/sandbox/consumers/{name}/resume' } as const,
].map(
  (route): Operation => ({
    ...route,
    callers: 'operators',
    quoting: undefined,
    body: undefined,
    statuses: [200, 400, 401, 403],
  }),
)

const prefixOf = (quoting: Quoting) => `${quoting}-`
const systems = new Map<Quoting, System>()
let [operatorToken, aliceToken] = ['', '']
let brokers = ''

beforeAll(async () => {
  const [first, ...others] = quotings
  const start = async (quoting: Quoting, env: Record<string, string> = {}) => {
    const system = await launch({ env: { QUOTING: quoting, TOPIC_PREFIX: prefixOf(quoting), ...env } })
    systems.set(quoting, system)
    await system.ready()
    return system
  }
  brokers = (await start(first)).brokers
  ;[operatorToken, aliceToken] = await Promise.all([
    tokenOf('--sub', 'olga', '--group', 'operators'),
    tokenOf('--sub', 'alice'),
  ])
  await Promise.all(others.map(quoting => start(quoting, { KAFKA_BROKERS: brokers })))
  for (const [quoting, system] of systems)
    await until(`the end of the scenarios of ${quoting}`, 120_000, () =>
      system.stdout().includes('10 of 10 scenarios ended as they should'),
    )
}, 240_000)
afterAll(() => Promise.all([...systems.values()].map(system => system.destroy())))

describe.each(quotings)('quoting by %s', quoting => {
  const running = () => systems.get(quoting) ?? expect.fail(`${quoting} does not run`)
  const alice = () => new HttpClient(running().url, aliceToken)
  const operator = () => new HttpClient(running().url, operatorToken)
  beforeEach(tellWhenFailed(running))

  const customer = async (customerId: string) =>
    expect((await operator().post('/customers', { customerId, name: customerId })).status).toBe(201)
  const countOf = async (customerId: string) =>
    (await operator().get(`/customers/${customerId}`)).body.policyCount as number
  const draft = async (quoteID: string, premium: number, customerId: string) =>
    expect((await alice().post('/quotes', { quoteID, premium, customerId })).status).toBe(201)
  const approve = (quoteID: string, prefer: Record<string, string> = { prefer: 'wait=20' }) =>
    alice().post(`/quotes/${quoteID}/approve`, {}, prefer)
  const item = async (table: string, field: string, id: string) =>
    ((await allItems(running().endpoint))[table] ?? []).find(item => item[field] === id)
  const settled = () => settledIn(brokers, running(), prefixOf(quoting))
  const others = (...types: readonly ExampleType[]) =>
    produce(
      brokers,
      types.map(type => ({ topic: prefixOf(quoting) + topicOf(quoting, type), value: EXAMPLES[type] })),
    )

  test('an issued quote is completed, with a policy that its owner sees, and counted', async () => {
    await customer('c-issued')
    await draft('q-issued', 1200, 'c-issued')
    const { status, body } = await approve('q-issued')
    expect({ status, body }).toMatchObject({ status: 200, body: { status: 'COMPLETED', premium: 1200 } })
    expect((await alice().get(`/policies/${body.policyID}`)).body).toEqual({
      policyID: body.policyID,
      quoteID: 'q-issued',
      customerId: 'c-issued',
      premium: 1200,
      status: 'ACTIVE',
    })
    await settled()
    expect(await countOf('c-issued')).toBe(1)
  })

  test('premiums that are none, however large, are rejected and counted by nobody', async () => {
    await customer('c-invalid')
    for (const [i, premium] of [0, -5, 10_000.01, 1e300, 1e-200].entries()) {
      await draft(`q-invalid-${i}`, premium, 'c-invalid')
      const { body } = await approve(`q-invalid-${i}`)
      const expected =
        premium === 1e-200 ? { status: 'COMPLETED' } : { status: 'REJECTED', reason: 'Policy creation failed' }
      expect(body).toMatchObject({ ...expected, premium })
    }
    await settled()
    expect(await countOf('c-invalid')).toBe(1)
  })

  test('an unknown customer: the policy is cancelled, the quote rejected, and so it stays', async () => {
    await draft('q-unknown', 800, 'c-unknown')
    expect((await approve('q-unknown')).body).toMatchObject({ status: 'REJECTED', reason: 'Customer update failed' })
    await settled()
    expect(await item('policies', 'quoteID', 'q-unknown')).toMatchObject({ status: 'CANCELLED' })
    await customer('c-unknown')
    expect(await countOf('c-unknown')).toBe(0)
  })

  test('ten quotes of one customer at once, each approved twice, count exactly ten', async () => {
    await customer('c-ten')
    const ids = Array.from({ length: 10 }, (_, i) => `q-ten-${i}`)
    await Promise.all(ids.map(id => draft(id, 100, 'c-ten')))
    const approvals = await Promise.all(ids.flatMap(id => [approve(id, {}), approve(id, {})]))
    for (const { status, body } of approvals)
      expect({ status, body }).toMatchObject({ status: 202, body: { status: 'APPROVED' } })
    await settled()
    expect(await countOf('c-ten')).toBe(10)
    for (const id of ids) expect((await alice().get(`/quotes/${id}`)).body).toMatchObject({ status: 'COMPLETED' })
  })

  test('the examples of the contract, from a client that sets no header and no key, twice', async () => {
    await customer('cust-456')
    await others('UpdateCustomerPolicyCount', 'UpdateCustomerPolicyCount')
    await settled()
    expect(await countOf('cust-456')).toBe(5)
    await others('PolicyCreated', 'PolicyCreated')
    await settled()
    expect(await item('quotes', 'quoteID', 'quote-123')).toMatchObject({ status: 'COMPLETED', policyID: 'policy-789' })
    expect(await countOf('cust-456')).toBe(6)
    // It is final: whatever comes after changes nothing.
    await others('QuoteApproved', 'PolicyCreationFailed', 'RejectQuote', 'QuoteRejected', 'CreatePolicy')
    await others('QuoteApproved', 'PolicyCreationFailed', 'RejectQuote', 'QuoteRejected', 'CreatePolicy')
    await settled()
    expect(await item('quotes', 'quoteID', 'quote-123')).toMatchObject({ status: 'COMPLETED' })
    expect(await countOf('cust-456')).toBe(6)
    const dead = (await topicsOf(brokers)).filter(
      topic => topic.startsWith(prefixOf(quoting)) && topic.endsWith('.dlq'),
    )
    expect(await readAll(brokers, dead)).toEqual([])
  })

  test('a claim of rejection in the middle of a run ends in one state for all: completed and counted, or neither', async () => {
    await customer('c-middle')
    const ids = Array.from({ length: 20 }, (_, i) => `q-middle-${i}`)
    await Promise.all(ids.map(id => draft(id, 100, 'c-middle')))
    const claim = (quoteID: string, i: number) => ({
      topic: prefixOf(quoting) + topicOf(quoting, i % 2 ? 'RejectQuote' : 'QuoteRejected'),
      value: (i % 2 ? EXAMPLES.RejectQuote : EXAMPLES.QuoteRejected).replaceAll(/quote-123|(?<=-)[34](?=")/g, found =>
        found === 'quote-123' ? quoteID : `m${i}`,
      ),
    })
    await Promise.all([...ids.map(id => approve(id, {})), produce(brokers, ids.map(claim))])
    await settled()
    const { quotes = [], policies = [], 'customer-updates': updates = [] } = await allItems(running().endpoint)
    const of = (items: typeof quotes, id: string) => items.find(({ quoteID }) => quoteID === id)?.['status']
    let completed = 0
    for (const id of ids) {
      const status = of(quotes, id)
      expect(['COMPLETED', 'REJECTED'], id).toContain(status)
      if (status === 'COMPLETED') completed += 1
      expect(of(policies, id) === 'ACTIVE', id).toBe(status === 'COMPLETED')
      expect(of(updates, id) === 'COUNTED', id).toBe(status === 'COMPLETED')
    }
    expect(await countOf('c-middle')).toBe(completed)
  })

  test('every published route, and those of this machine, answer each caller as the document says', async () => {
    const fixtures = await whatAliceHas({ alice: alice(), operator: operator() }, brokers, prefixOf(quoting))
    const asked = { url: running().url, key: signingKey(), fixtures: { ...fixtures, 'sandbox.name': 'payment' } }
    for (const operation of [...operationsOf(quoting), ...sandboxOperations])
      expect([operation.path, await askAsEverybody(operation, asked)]).toEqual([
        operation.path,
        await expectedOf(operation, asked.key),
      ])
  })
})

describe('event-sourcing', () => {
  const running = () => systems.get('event-sourcing') ?? expect.fail('it does not run')
  beforeEach(tellWhenFailed(running))

  test('leaves streams without gaps, and a replay of them finds no difference', async () => {
    await settledIn(brokers, running(), prefixOf('event-sourcing'))
    expect(await gaps(running())).toEqual([])
    const { code, differences, rows } = await replay(running())
    expect({ code, differences }).toEqual({ code: 0, differences: [] })
    expect(rows.quotes.rebuilt).toBeGreaterThan(30)
  })
})
