import { expect, test } from 'vitest'
import type { Aggregate } from '#engine/model/aggregate.ts'
import { type Reservation, reservation } from '../../lambdas/services/product/rules.ts'
import type { Domain, Scenario } from './domain.ts'
import { orderDomain, orderScenario } from './order-world.ts'
import { commandOf, shrunkReportOf } from './report.ts'
import { run, type Violation } from './run.ts'
import { type Case, shrink, type Shrunk } from './shrink.ts'

/** The order domain with another product service. */
const withReservation = (decide: Aggregate<Reservation>['decide']): Scenario =>
  orderScenario((provider): Domain => {
    const domain = orderDomain(provider)
    return {
      ...domain,
      consumers: domain.consumers.map(consumer =>
        consumer.name === 'product' ? { ...consumer, aggregate: { ...reservation, decide } } : consumer,
      ),
    }
  })

const PLANTED: readonly (readonly [string, string, Scenario])[] = [
  [
    'it reserves again what it holds',
    'stock-conserved',
    withReservation((state, message, seen) =>
      reservation.decide(
        message.type === 'ProductReserveCommand' && state?.status === 'HELD' ? undefined : state,
        message,
        seen,
      ),
    ),
  ],
  [
    'a cancel that comes first leaves no tombstone',
    // The decision tells it before the stock does.
    'answers-are-kept',
    withReservation((state, message, seen) => {
      const decision = reservation.decide(state, message, seen)
      return state === undefined && decision.kind === 'commit' && decision.state.status === 'CANCELLED'
        ? { kind: 'answer', publish: decision.publish ?? [] }
        : decision
    }),
  ],
]

test.each(PLANTED)(
  'a planted defect is found, and shrunk to what a person can read: %s',
  async (_, invariant, scenario) => {
    const failed = await firstFailing(scenario)
    expect(failed?.violation.invariant).toBe(invariant)
    const shrunk = (await shrink(scenario, failed?.case as Case)) as Shrunk

    expect(shrunk.case.among ?? [0]).toHaveLength(1)
    expect(shrunk.faults.length).toBeLessThanOrEqual(4)
    const lines = shrunkReportOf('orders', shrunk)
    expect(lines.length).toBeLessThanOrEqual(70)
    expect(lines.at(-1)).toContain(commandOf('orders', shrunk.case))

    // What is printed does it again, exactly; and with one fault less it does not.
    const trace: string[] = []
    const { violations } = await run(scenario, { ...shrunk.case, trace: line => trace.push(line) })
    expect(violations[0]).toEqual(shrunk.violation)
    expect(violations[0]?.invariant).toBe(invariant)
    expect(trace).toEqual(shrunk.trace)
    for (const fault of shrunk.faults) {
      const only = new Set(shrunk.faults.filter(other => other !== fault))
      const { violations } = await run(scenario, { ...shrunk.case, only })
      expect(violations.map(violation => violation.invariant)).not.toContain(invariant)
    }
  },
  120_000,
)

async function firstFailing(scenario: Scenario): Promise<{ case: Case; violation: Violation } | undefined> {
  for (let seed = 1; seed <= 200; seed++) {
    const settings = { seed, sagas: 8 }
    const [violation] = (await run(scenario, settings)).violations
    if (violation) return { case: settings, violation }
  }
  return undefined
}
