import { expect, test } from 'vitest'
import { orders } from './order-world.ts'
import { reportOf } from './report.ts'
import { run } from './run.ts'

type World = readonly [seed: number, late: number, sagas: number]

const ORDERS = 8
/** The same seeds on every machine: seeds of the day run in `test/proof/simulation.test.ts`. */
const SEEDS = 250
/** Seconds that sweeps are late at most: past the saga's own deadline only in `late` worlds, where sagas get STUCK. */
const USUAL = 90
const LATE = 1800
const LATE_SEEDS = 80
/** Seeds that found something once, kept for ever. */
const CORPUS: readonly World[] = [
  // A charge came back from the dead letters during its refund, and was answered under two ids.
  [2_028_670_902, USUAL, 50],
]

test.each<[string, readonly World[]]>([
  ['found before', CORPUS],
  [`${SEEDS} seeds`, range(SEEDS).map(seed => [seed, USUAL, ORDERS])],
  [`${LATE_SEEDS} seeds, sweeps past the deadline`, range(LATE_SEEDS).map(seed => [seed, LATE, ORDERS])],
])('worlds of orders lose nothing and double nothing: %s', { timeout: 120_000 }, async (_, worlds) => {
  for (const [seed, late, sagas] of worlds) {
    const settings = { seed, sagas, late }
    const { violations } = await run(orders, settings)
    expect(violations, reportOf('orders', settings, violations).join('\n')).toEqual([])
  }
})

test('the same seed gives the same run', async () => {
  const lines = async () => {
    const lines: string[] = []
    await run(orders, { seed: 42, sagas: 4, trace: line => lines.push(line) })
    return lines
  }
  const first = await lines()
  expect(first.length).toBeGreaterThan(100)
  expect(await lines()).toEqual(first)
})

function range(n: number) {
  return Array.from({ length: n }, (_, i) => i + 1)
}
