/** What orders cost, here and elsewhere. */
import { describe, expect, it } from 'vitest'
import { settingsOf } from '../../../../lib/config.ts'
import type { AtRest } from '../../../../lib/cost/at-rest.ts'
import { sum, usd } from '../../../../lib/cost/item.ts'
import {
  actionsDollars,
  actionsOf,
  BREAK_EVEN_MAX,
  breakEvens,
  operationsOf,
  transitionsOf,
  waysToCoordinate,
} from '../../../../scripts/cost/alternatives.ts'
import { costOfSagas } from '../../../../scripts/cost/per-saga.ts'
import { bill } from '../../../../scripts/cost/tables.ts'
import { usageOfAnOrder } from '../../../../scripts/cost/usage-of-an-order.ts'
import type { Usage } from '../../../../scripts/cost/usage.ts'

/** Round numbers, to calculate with by hand. */
const usage: Usage = {
  steps: 3,
  writeUnits: 22,
  sagaWriteUnits: 7,
  readUnits: 9,
  sagaReadUnits: 4,
  messages: 7,
  messageBytes: 5_000,
  invocations: { 'order-saga': 4, product: 1, payment: 1, order: 1 },
  keptBytes: 2_000,
  logBytes: 1_000,
  metricSeries: 6,
}
const prod = settingsOf('prod')
const MILLION = 1_000_000
const rest: AtRest = {
  items: [
    { what: 'brokers', quantity: 2190, price: 'mskExpressLarge' },
    { what: 'pollers', quantity: 730, price: 'eventPollerUnit' },
    { what: 'way out', quantity: 730, price: 'natHour' },
    { what: 'keys', quantity: 3, price: 'kmsKey' },
  ],
  usd: 893.52 + 135.05 + 32.85 + 3,
}
const quantities = (items: ReturnType<typeof costOfSagas>['services']) =>
  Object.fromEntries(items.map(({ what, quantity }) => [what, Number(quantity.toFixed(4))]))

describe('one order, counted in this process', () => {
  it('uses what the README says, and is measured', async () => {
    const counted = await usageOfAnOrder()
    expect(counted).toMatchObject({
      steps: 3,
      writeUnits: 22,
      sagaWriteUnits: 7,
      messages: 7,
      invocations: { 'order-saga': 4, product: 1, payment: 1, order: 1 },
    })
    expect(counted.readUnits).toBeGreaterThan(counted.sagaReadUnits)
    // sagasStarted, sagasCompleted, timeToTerminal, and stepLatency of each step.
    expect(counted.metricSeries).toBe(6)
    for (const bytes of [counted.messageBytes / 7, counted.keptBytes, counted.logBytes]) {
      expect(bytes).toBeGreaterThan(200)
      expect(bytes).toBeLessThan(4300)
    }
  })
})

describe('a million orders', () => {
  const { services, coordination } = costOfSagas(MILLION, usage, prod)

  it('are counted by what each uses', () => {
    expect(quantities(services)).toEqual({
      'API requests': 3,
      'requests through the web ACL': 3,
      invocations: 6,
      // Six of 50 ms and 300 ms of the provider, half a GB.
      'time of functions': 300_000,
      'write units': 15,
      'read units': 7,
      'items kept for a month': 2,
      'their point-in-time recovery': 2,
      // 1,000 of ours, 3 lines of access and 11 times what Lambda says.
      'logs taken in': 5.75,
      'logs kept': 5.75 * 0.15 * 3,
      "the API's metrics by method": 10,
    })
    expect(quantities(coordination)).toEqual({
      invocations: 5,
      'time of functions': 125_000,
      'write units': 7,
      'read units': 4,
      'messages written': 5,
      'messages kept': 1.1667,
      'messages between zones': 13.3333,
      'calls of the payment provider': 10,
      'metrics of the saga': 6,
    })
  })

  it('cost no recovery where nothing is protected, and no storage of a Standard broker twice', () => {
    const unprotected = costOfSagas(MILLION, usage, { ...prod, protectData: false })
    expect(Object.keys(quantities(unprotected.services))).not.toContain('their point-in-time recovery')
    const standard = costOfSagas(MILLION, usage, settingsOf('prod', { kafka: { kind: 'msk-standard' } }))
    expect(Object.keys(quantities(standard.coordination))).not.toContain('messages kept')
  })

  it('cost AWS nothing for messages on a Kafka that another runs', () => {
    const kafka = {
      kind: 'self-managed' as const,
      bootstrapServers: ['kafka.example.com:9093'],
      secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka-aBc123',
    }
    const { coordination } = costOfSagas(MILLION, usage, settingsOf('prod', { kafka }))
    expect(Object.keys(quantities(coordination)).filter(what => /messages|provider/.test(what))).toEqual([])
  })

  it('cost nothing if there are none', () => {
    const none = costOfSagas(0, usage, prod)
    expect(sum([...none.services, ...none.coordination])).toBe(0)
  })

  it('are a bill whose last line is its sum', () => {
    const { rows } = bill('', coordination)
    expect(rows.at(-1)?.at(-1)).toBe(`$${coordination.reduce((total, item) => total + usd(item), 0).toFixed(2)}`)
    expect(rows).toHaveLength(coordination.length + 1)
  })
})

describe('the same orders elsewhere', () => {
  const ways = new Map(waysToCoordinate(MILLION, usage, rest, prod).map(way => [way.name, way]))

  it('take as many transitions, operations and actions as the definition has steps, and what begins them', () => {
    expect([transitionsOf(usage), operationsOf(usage), actionsOf(usage)]).toEqual([4, 4, 5])
  })

  it('leave out at rest what only Kafka needs', () => {
    expect(ways.get('Recourse (msk-express)')?.atRest).toBe(rest.usd)
    for (const name of ['Step Functions Standard', 'Step Functions Express', 'Lambda durable functions'])
      expect(ways.get(name)?.atRest).toBe(3)
    // The plan, and two workers of half a vCPU and one GB.
    expect(ways.get('Temporal Cloud')?.atRest).toBeCloseTo(3 + 100 + 1460 * (0.5 * 0.03238 + 0.00356))
  })

  it('cost the same for the services', () => {
    expect(new Set([...ways.values()].map(({ services }) => services)).size).toBe(1)
  })

  it('are coordinated for a price made by hand', () => {
    expect(ways.get('Step Functions Standard')?.coordination).toBeCloseTo(100)
    // A dollar for the requests; three steps of 50 ms and 300 ms, rounded up to 500 ms, in 64 MB.
    expect(ways.get('Step Functions Express')?.coordination).toBeCloseTo(1 + ((MILLION * 0.5) / 16 / 3600) * 0.060012)
    expect(ways.get('Lambda durable functions')?.coordination).toBeCloseTo(
      32 + 5 * 0.25 + ((5 * 14) / 30) * 0.15 + 0.2 + MILLION * 0.45 * 0.5 * 0.0000133334,
    )
    // Five million actions, of which the plan includes one; 5 % of it is less than the plan's own price.
    expect(ways.get('Temporal Cloud')?.coordination).toBeCloseTo(200)
  })

  it('go through the tiers of actions, and end where prices are not published', () => {
    expect(actionsDollars(1)).toBe(0)
    // The example of Temporal's own page: 11.25 million beyond what is included.
    expect(actionsDollars(12.25)).toBe(525)
    expect(actionsDollars(201)).toBe(250 + 225 + 400 + 1050 + 1500 + 2500)
    expect(actionsDollars(202)).toBeUndefined()
  })

  it('pay five in a hundred for the plan once that is more than the plan', () => {
    const many = waysToCoordinate(20 * MILLION, usage, rest, prod).find(({ name }) => name === 'Temporal Cloud')
    const actions = actionsDollars(100) ?? 0
    expect(many?.coordination).toBeCloseTo(actions + actions * 0.05 - 100)
  })

  it('are dearer from the number of orders that is told, and not from one less', () => {
    const waysFor = (sagas: number) => waysToCoordinate(sagas, usage, rest, prod)
    const from = breakEvens(waysFor)
    const dearer = (sagas: number, name: string) => {
      const all = waysFor(sagas)
      const total = (way: (typeof all)[number] | undefined) => (way?.atRest ?? 0) + (way?.coordination ?? Infinity)
      return total(all[0]) <= total(all.find(way => way.name === name))
    }
    const standard = from['Step Functions Standard'] ?? Number.NaN
    expect(dearer(standard, 'Step Functions Standard')).toBe(true)
    expect(dearer(standard - 1, 'Step Functions Standard')).toBe(false)
    expect(from['Step Functions Express']).toBeUndefined()
    expect(dearer(BREAK_EVEN_MAX, 'Step Functions Express')).toBe(false)
  })
})
