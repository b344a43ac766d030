/** What quoting promises, whatever holds it together: over its API and its topics, in one process. */
import { beforeEach, describe, expect, test } from 'vitest'
import { quoteMessages } from '../../../../localstack/scenarios/quote-messages.ts'
import { gatewayTo } from '../../../support/http.ts'
import { EXAMPLES, topicOf } from '../examples.ts'
import { quotings } from '../../../../lambdas/quoting.ts'
import { quotingSystem } from '../../samples/small-system.ts'

describe.each(quotings)('quoting by %s', quoting => {
  let system: ReturnType<typeof quotingSystem>
  let call: ReturnType<typeof gatewayTo>
  beforeEach(() => {
    system = quotingSystem(quoting)
    call = gatewayTo(system.app)
  })

  const operator = { sub: 'olga', groups: 'operators' }
  const customer = async (customerId = 'cust-456') =>
    call({ method: 'POST', path: '/customers', body: { customerId, name: customerId }, ...operator })
  const countOf = async (customerId = 'cust-456') =>
    (await call({ path: `/customers/${customerId}`, ...operator })).body.policyCount as number
  const draft = async (quoteID: string, premium = 1200, customerId = 'cust-456') =>
    call({ method: 'POST', path: '/quotes', body: { quoteID, premium, customerId } })
  const approve = async (quoteID: string) => call({ method: 'POST', path: `/quotes/${quoteID}/approve` })
  const quote = async (quoteID: string) => (await call({ path: `/quotes/${quoteID}` })).body
  const outgoing = () => system.records().map(({ value }) => typeOf(value))
  const dead = () => system.records().filter(({ topic }) => topic.endsWith('.dlq'))
  const typeOf = (value: unknown) => {
    const message = JSON.parse(String(value)) as { commandType?: string; eventType?: string }
    return message.commandType ?? message.eventType
  }

  describe('a quote', () => {
    test('is drafted, approved, and completed with a policy that counts', async () => {
      await customer()
      expect(await draft('q1')).toMatchObject({
        status: 201,
        body: { quoteID: 'q1', status: 'DRAFT', customerId: 'cust-456', premium: 1200 },
        headers: { location: '/quotes/q1' },
      })
      expect(outgoing()).toEqual([])
      expect(await approve('q1')).toMatchObject({ status: 202, body: { quoteID: 'q1', status: 'APPROVED' } })
      const { policyID, status } = await quote('q1')
      expect(status).toBe('COMPLETED')
      expect((await call({ path: `/policies/${policyID}` })).body).toEqual({
        policyID,
        quoteID: 'q1',
        customerId: 'cust-456',
        premium: 1200,
        status: 'ACTIVE',
      })
      expect(await countOf()).toBe(1)
      expect(outgoing()).toEqual(quoteMessages[quoting].completed)
    })

    test.each([0, -1, 10_001, 1e300])('with the premium %d is rejected', async premium => {
      await customer()
      await draft('q1', premium)
      await approve('q1')
      expect(await quote('q1')).toMatchObject({ status: 'REJECTED', reason: 'Policy creation failed' })
      expect(await countOf()).toBe(0)
      expect(outgoing()).toEqual(quoteMessages[quoting].invalidPremium)
    })

    test('of an unknown customer is rejected, its policy cancelled, for good', async () => {
      await draft('q1')
      await approve('q1')
      const { status, reason } = await quote('q1')
      expect({ status, reason }).toEqual({ status: 'REJECTED', reason: 'Customer update failed' })
      expect(outgoing()).toEqual(quoteMessages[quoting].unknownCustomer)
      await customer()
      await system.redeliver()
      expect(await countOf()).toBe(0)
      expect(await quote('q1')).toMatchObject({ status: 'REJECTED' })
    })

    test('approved twice is approved once, with the same answer', async () => {
      await customer()
      await draft('q1')
      const first = await approve('q1')
      expect((await approve('q1')).body).toEqual(first.body)
      expect(outgoing().filter(type => type === 'QuoteApproved')).toHaveLength(1)
      expect(await countOf()).toBe(1)
    })

    test('ten of one customer at once are ten policies', async () => {
      await customer()
      const ids = Array.from({ length: 10 }, (_, i) => `q${i}`)
      await Promise.all(ids.map(id => draft(id)))
      await Promise.all(ids.map(approve))
      expect(await countOf()).toBe(10)
      for (const id of ids) expect(await quote(id)).toMatchObject({ status: 'COMPLETED' })
    })

    test('all that was published once more changes nothing', async () => {
      await customer()
      for (const [i, premium] of [100, -1, 200].entries()) {
        await draft(`q${i}`, premium)
        await approve(`q${i}`)
      }
      await system.redeliver()
      expect(await countOf()).toBe(2)
      expect((await quote('q1')).status).toBe('REJECTED')
    })
  })

  describe('who may see it', () => {
    test('a quote and its policy are their maker’s, and operators may look', async () => {
      await customer()
      await draft('q1')
      await approve('q1')
      const { policyID } = await quote('q1')
      for (const path of ['/quotes/q1', `/policies/${policyID}`]) {
        expect((await call({ path, sub: 'mallory' })).status).toBe(404)
        expect((await call({ path, ...operator })).status).toBe(200)
      }
      expect((await call({ method: 'POST', path: '/quotes/q1/approve', sub: 'mallory' })).status).toBe(404)
      expect((await call({ path: '/customers/cust-456' })).status).toBe(403)
      expect((await call({ method: 'POST', path: '/customers', body: { name: 'x' } })).status).toBe(403)
    })

    test('the same quoteID or customerId again is a conflict', async () => {
      await customer()
      const again = { customerId: 'cust-456', name: 'another' }
      expect((await call({ method: 'POST', path: '/customers', body: again, ...operator })).status).toBe(409)
      await draft('q1')
      expect((await draft('q1', 1300)).status).toBe(409)
    })

    test('a policy that was refused is none', async () => {
      await draft('q1', -1)
      await approve('q1')
      const [policy] = await system.store.read([{ table: 'policies', key: { quoteID: 'q1' } }])
      expect((await call({ path: `/policies/${String(policy?.['policyID'])}` })).status).toBe(404)
    })
  })

  const stored = async (table: string, key: Record<string, string>) => (await system.store.read([{ table, key }]))[0]
  const others = (type: keyof typeof EXAMPLES) => system.produce(topicOf(quoting, type), EXAMPLES[type])
  const quoteItem = () => stored('quotes', { quoteID: 'quote-123' })

  describe('messages of others, without headers or keys', () => {
    test('a quote that was approved elsewhere is issued, counted and completed; twice is once', async () => {
      await customer()
      await others('QuoteApproved')
      await others('QuoteApproved')
      expect(await quoteItem()).toMatchObject({ status: 'COMPLETED', customerId: 'cust-456', premium: 1200 })
      expect(await countOf()).toBe(1)
    })

    test('a policy that nobody asked for is counted and its quote completed', async () => {
      await customer()
      await others('PolicyCreated')
      await others('PolicyCreated')
      expect(await quoteItem()).toMatchObject({ status: 'COMPLETED', policyID: 'policy-789' })
      expect(await countOf()).toBe(1)
    })

    test('with a number of policies that can’t be is counted as any other: it is information', async () => {
      await customer()
      const { data, ...event } = JSON.parse(EXAMPLES.PolicyCreated) as { data: object }
      await system.produce(topicOf(quoting, 'PolicyCreated'), { ...event, data: { ...data, policyCount: -7 } })
      expect(await countOf()).toBe(1)
      expect(dead()).toEqual([])
    })

    test('with an id that is too long for what follows is a dead letter', async () => {
      await customer()
      const event = { ...JSON.parse(EXAMPLES.PolicyCreated), policyID: 'x'.repeat(257) } as object
      system.expectDeadLetters(1)
      await system.produce(topicOf(quoting, 'PolicyCreated'), event)
      expect(await countOf()).toBe(0)
      expect(dead()).toMatchObject([{ headers: { dlq_reason: 'INVALID' } }])
      expect(dead()[0]?.headers['dlq_error']).toContain('policyID is longer than 256')
    })

    test('a negative number without a quote is a dead letter', async () => {
      await customer()
      const command = { ...JSON.parse(EXAMPLES.UpdateCustomerPolicyCount), data: { policyCount: -1 } } as object
      system.expectDeadLetters(1)
      await system.produce(topicOf(quoting, 'UpdateCustomerPolicyCount'), command)
      expect(await countOf()).toBe(0)
      expect(dead()).toMatchObject([{ headers: { dlq_reason: 'REFUSED', dlq_consumer: 'customer' } }])
    })

    test('a number without a quote sets it, once a command id', async () => {
      await customer()
      await others('UpdateCustomerPolicyCount')
      expect(await countOf()).toBe(5)
      await draft('q1')
      await approve('q1')
      await others('UpdateCustomerPolicyCount')
      expect(await countOf()).toBe(6)
    })

    test('a policy that is asked for directly is created, once', async () => {
      await customer()
      await others('CreatePolicy')
      await others('CreatePolicy')
      expect(await stored('policies', { quoteID: 'quote-123' })).toMatchObject({ status: 'ACTIVE', premium: 1200 })
      expect(await countOf()).toBe(1)
    })

    test.each(['RejectQuote', 'QuoteRejected'] as const)(
      '%s before anything else keeps the quote rejected',
      async type => {
        await customer()
        await others(type)
        await others('QuoteApproved')
        expect(await quoteItem()).toMatchObject({ status: 'REJECTED', reason: 'Policy creation failed' })
        // In event sourcing the stream is closed, so nobody asks for a policy.
        const policy = await stored('policies', { quoteID: 'quote-123' })
        expect(policy?.['status']).toBe(quoting === 'event-sourcing' ? undefined : 'CANCELLED')
        expect(await countOf()).toBe(0)
      },
    )

    test('a refusal that is another’s leaves no policy behind', async () => {
      await customer()
      await others('PolicyCreationFailed')
      expect(system.records()).toHaveLength(1)
      await others('QuoteApproved')
      expect(await quoteItem()).toMatchObject({ status: 'COMPLETED' })
    })

    test('what nobody knows goes to the dead letters once', async () => {
      const [first, second] = [topicOf(quoting, 'UpdateCustomerPolicyCount'), topicOf(quoting, 'PolicyCreated')]
      system.expectDeadLetters(2)
      await system.produce(first, { commandID: 'c1', quoteID: 'q1', commandType: 'BurnQuote', data: {} })
      await system.produce(second, 'no json')
      expect(dead().map(({ topic, headers }) => [topic, headers['dlq_reason'], headers['dlq_consumer']])).toEqual([
        [`${first}.dlq`, 'UNKNOWN_TYPE', 'quote'],
        [`${second}.dlq`, 'NOT_JSON', 'quote'],
      ])
    })
  })
})
