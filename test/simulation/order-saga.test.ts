import { expect, test } from 'vitest'
import { runOrders } from './order-world.ts'
import { seeded } from './random.ts'

const ORDERS = 8
const MOVES = 1500
/** The same seeds on every machine, and a few that differ from day to day would only make a red build a lottery. */
const SEEDS = 400
/** Seconds that sweeps are late at most: past the saga's own deadline only in `late` worlds, where sagas get STUCK. */
const USUAL = 90
const LATE = 1800
const LATE_SEEDS = 100
/** Seeds that found something once, kept for ever. */
const CORPUS: readonly (readonly [seed: number, late: number])[] = [
  // An approve command thrown away, and no sweep until the saga's deadline: STUCK until an operator retries.
  [11_640, USUAL],
  // Fails if STUCK forgets a command that was decided and not said yet.
  [387, LATE],
]

test.each([
  ['found before', CORPUS],
  [`${SEEDS} seeds`, range(SEEDS).map(seed => [seed, USUAL] as const)],
  [`${LATE_SEEDS} seeds, sweeps past the deadline`, range(LATE_SEEDS).map(seed => [seed, LATE] as const)],
])(`worlds of ${ORDERS} orders lose nothing and double nothing: %s`, { timeout: 120_000 }, async (_, worlds) => {
  for (const [seed, late] of worlds) {
    const wrong = await runOrders(seeded(seed), { orders: ORDERS, moves: MOVES, late })
    const again = `npm run simulate -- --seed ${seed} --sagas ${ORDERS} --moves ${MOVES} --late ${late} --trace`
    expect(wrong, again).toEqual([])
  }
})

test('the same seed gives the same run', async () => {
  const run = async () => {
    const lines: string[] = []
    await runOrders(seeded(42), { orders: 4, moves: 600, trace: line => lines.push(line) })
    return lines
  }
  const first = await run()
  expect(first.length).toBeGreaterThan(100)
  expect(await run()).toEqual(first)
})

function range(n: number) {
  return Array.from({ length: n }, (_, i) => i + 1)
}
