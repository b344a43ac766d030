import { expect, test } from 'vitest'
import type { Scenario } from './domain.ts'
import { orderDomain, orderScenario, orders } from './order-world.ts'
import { order, type Order } from '../../lambdas/services/order/rules.ts'
import { quotes } from './quote-world.ts'
import { EVENT_IS_OWED } from './rare.ts'
import { run } from './run.ts'

/** Faults that are too rare together to be met by chance, put where a rule is needed. */

/** The saga's approval takes a detour, a stranger's copy is handled first, and its answer is thrown away. */
const ANSWER_IS_LOST = [
  'foreign OrderApprovedCommand order-saga:o1.3.0',
  'detour order gets OrderApprovedCommand order-saga:o1.3.0',
  'detour order-saga gets OrderApprovedEvent order:o1.2.0',
  'discard OrderApprovedEvent order:o1.2.0 of order-saga',
]

const settings = { seed: 2, sagas: 1, schedule: 'in-turn', only: new Set(ANSWER_IS_LOST), moves: 2_000 } as const

test('an order answers a command of its saga that it handles after another’s', async () => {
  const lines: string[] = []
  const { violations, happened } = await run(orders, { ...settings, trace: line => lines.push(line) })
  expect(happened, lines.join('\n')).toEqual(expect.arrayContaining(ANSWER_IS_LOST))
  expect(violations, lines.join('\n')).toEqual([])
})

test('one that ignores it is found: its saga gets no answer', async () => {
  const ignoring: Scenario = orderScenario(provider => {
    const domain = orderDomain(provider)
    const decide: typeof order.decide = (state: Order | undefined, message, seen) => {
      const decision = order.decide(state, message, seen)
      return decision.kind === 'answer' ? { kind: 'ignore', why: 'a defect' } : decision
    }
    return {
      ...domain,
      consumers: domain.consumers.map(consumer =>
        consumer.name === 'order' ? { ...consumer, aggregate: { ...order, decide } } : consumer,
      ),
    }
  })
  const { violations } = await run(ignoring, settings)
  expect(violations[0]?.invariant).toBe('commands-are-answered')
})

test('an event that may not be published yet is not forgotten by the next event’s commit', async () => {
  const lines: string[] = []
  const { violations, happened } = await run(quotes('event-sourcing'), {
    ...EVENT_IS_OWED,
    trace: line => lines.push(line),
  })
  expect(happened, lines.join('\n')).toEqual(expect.arrayContaining([...EVENT_IS_OWED.only]))
  expect(violations, lines.join('\n')).toEqual([])
})
