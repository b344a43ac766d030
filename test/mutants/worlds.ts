/** The simulated worlds that mutants live in: those of `test/simulation`, with as many sagas as its own seeds have. */
import { quotings } from '../../lambdas/quoting.ts'
import { runOrders } from '../simulation/order-world.ts'
import { runQuotes } from '../simulation/quote-world.ts'
import { seeded } from '../simulation/random.ts'
import { type Violation, violationOf } from './invariants.ts'

export const worlds = ['orders', 'late orders', ...quotings] as const
export type World = (typeof worlds)[number]

const SAGAS = 8
const MOVES = 1500
/** Seconds: sweeps that miss the saga's own deadline, so that sagas get STUCK. */
const LATE = 1800

/** What does not hold in one world of one seed. */
export async function violationsIn(world: World, seed: number): Promise<Violation[]> {
  const random = seeded(seed)
  const wrong =
    world === 'orders'
      ? await runOrders(random, { orders: SAGAS, moves: MOVES })
      : world === 'late orders'
        ? await runOrders(random, { orders: SAGAS, moves: MOVES, late: LATE })
        : await runQuotes(random, { quoting: world, quotes: SAGAS, moves: MOVES })
  return wrong.map(violationOf)
}

/** The command that shows it. */
export const replayOf = (world: World, seed: number): string => {
  const how = { orders: '', 'late orders': ` --late ${LATE}` }[world as string] ?? ` --quoting ${world}`
  return `npm run simulate -- --seed ${seed} --sagas ${SAGAS} --moves ${MOVES}${how} --trace`
}
