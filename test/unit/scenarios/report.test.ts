import { describe, expect, test } from 'vitest'
import { scenarios } from '../../../localstack/scenarios/orders.ts'
import { type Found, judge, summary } from '../../../localstack/scenarios/order-plays.ts'
import { report } from '../../../localstack/scenarios/report.ts'

const at = '2026-11-21T00:00:00.000Z'

/** What is found when everything went as this scenario says. */
const asItShould = ({ ends }: (typeof scenarios)[number]): Found => ({
  order: {
    orderId: 'o1',
    status: ends.status,
    items: [],
    createdAt: at,
    updatedAt: at,
    ...(ends.reason === undefined ? {} : { reason: ends.reason }),
    ...(ends.charge && ends.status === 'APPROVED'
      ? { total: { amount: ends.charge.amount, currency: ends.charge.currency } }
      : {}),
  },
  history: ['CREATED', ends.status],
  stock: ends.stock,
  charges: ends.charge ? [{ key: 'k', orderId: 'o1', ...ends.charge }] : [],
  timeline: ends.messages.map((message, offset) => ({ message, topic: 't', partition: 0, offset, version: 1 })),
})
const approved = scenarios.find(({ ends }) => ends.status === 'APPROVED')
if (!approved) throw new Error('no scenario ends well')
const good = asItShould(approved)

describe('judging a scenario', () => {
  test.each(scenarios.map(scenario => [scenario.name, scenario] as const))(
    '%s: nothing is wrong',
    (_name, scenario) => {
      expect(judge(scenario, asItShould(scenario))).toEqual([])
    },
  )

  test('a message that came twice, or a wake-up, is nothing wrong', () => {
    const again = { message: 'OrderApprovedEvent', topic: 't', partition: 0, offset: 99, version: 2 }
    const wakeUp = { message: 'SagaWakeUp', topic: 'saga-control', partition: 0, offset: 0 }
    expect(judge(approved, { ...good, timeline: [...good.timeline, again, wakeUp] })).toEqual([])
  })

  const wrong: [what: string, found: Found][] = [
    ['it ended', { ...good, order: { ...good.order, status: 'REJECTED', reason: 'OUT_OF_STOCK' } }],
    ['its history', { ...good, history: ['CREATED'] }],
    ['the stock', { ...good, stock: { ...good.stock, coffee: 7 } }],
    ["the provider's ledger", { ...good, charges: [...good.charges, ...good.charges] }],
    ['its messages', { ...good, timeline: good.timeline.slice(1) }],
    ['its total', { ...good, order: { ...good.order, total: { amount: 1, currency: 'EUR' } } }],
  ]
  test.each(wrong)('tells that %s is wrong', (what, found) => {
    expect(judge(approved, found)).toEqual([expect.stringMatching(`^${what}`)])
  })
})

test('the report is plain: where each message is, and how it ended', () => {
  const title = { name: approved.name, with: approved.paymentMethod }
  const played = { subject: 'order o1', timeline: good.timeline, summary: summary(good), wrong: [] }
  const text = report('1/7', title, played)
  expect(text).toContain('1/7  two products, approved  (tok_visa)  order o1')
  expect(text).toMatch(/OrderCreatedEvent +t +0 +0 +1/)
  expect(text).toContain(
    'ended APPROVED; history CREATED, APPROVED; stock left coffee 8, milk 7; charges CAPTURED 1260 EUR',
  )
  expect(text).toContain('as it should')
  expect(text).not.toContain('\u001b')
  expect(report('1/7', title, new Error('the API is away'))).toContain('NOT AS IT SHOULD:\n    - the API is away')
  expect(report('1/7', title, { ...played, wrong: ['it ended REJECTED'] })).toContain('- it ended REJECTED')
})
