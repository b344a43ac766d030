import { expect, test } from 'vitest'
import { runOrders } from './order-world.ts'
import { seeded } from './random.ts'

const ORDERS = 8
const MOVES = 1500
/** The same seeds on every machine, and a few that differ from day to day would only make a red build a lottery. */
const SEEDS = 400
/** Seeds that found something once, kept for ever. */
const CORPUS: readonly number[] = []

test(`${SEEDS} worlds of ${ORDERS} orders lose nothing and double nothing`, { timeout: 120_000 }, async () => {
  for (const seed of [...CORPUS, ...Array.from({ length: SEEDS }, (_, i) => i + 1)]) {
    const wrong = await runOrders(seeded(seed), { orders: ORDERS, moves: MOVES })
    expect(wrong, `npm run simulate -- --seed ${seed} --sagas ${ORDERS} --moves ${MOVES} --trace`).toEqual([])
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
