/** The simulated worlds that mutants live in: those of `test/simulation`, with as many sagas as its own seeds have. */
import { quotings } from '../../lambdas/quoting.ts'
import { EVENT_IS_OWED } from '../simulation/rare.ts'
import { commandOf } from '../simulation/report.ts'
import { run, type Violation } from '../simulation/run.ts'
import { scenarioOf } from '../simulation/scenarios.ts'
import type { Case } from '../simulation/shrink.ts'

const names = ['orders', ...quotings] as const
/** `late`: sweeps may be later than the saga's own deadline, so that sagas time out as a whole, and get STUCK. */
export type World = (typeof names)[number] | `late ${(typeof names)[number]}` | keyof typeof RARE
/** Worlds whose faults are put where they are, as none of the seeds has them: the same whatever the seed. */
const RARE = { 'rare event-sourcing': EVENT_IS_OWED } as const
export const worlds: readonly World[] = [
  ...names.flatMap(name => [name, `late ${name}`] as const),
  ...(Object.keys(RARE) as (keyof typeof RARE)[]),
]

const SAGAS = 8
const LATE_SECONDS = 1800

const settingsOf = (world: World, seed: number): Case =>
  isRare(world) ? RARE[world] : { seed, sagas: SAGAS, ...(world.startsWith('late ') && { late: LATE_SECONDS }) }
const isRare = (world: World): world is keyof typeof RARE => world in RARE
const nameOf = (world: World) => world.replace(/^(late|rare) /, '')

/** What does not hold in one world of one seed. */
export async function violationsIn(world: World, seed: number): Promise<readonly Violation[]> {
  return (await run(await scenarioOf(nameOf(world)), settingsOf(world, seed))).violations
}

/** The command that shows it in a checkout with the mutant's patches. */
export const replayOf = (world: World, seed: number): string => commandOf(nameOf(world), settingsOf(world, seed))
