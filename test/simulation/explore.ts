/**
 * Every placement of up to two faults on one saga: the run without faults tells where something can go wrong, each run
 * with one fault tells where a second one can. The order of events is fixed, so that a run is nothing but its faults.
 */
import type { Scenario } from './domain.ts'
import { type FaultKind, faultKinds, type Weather } from './faults.ts'
import { run, type Violation } from './run.ts'
import type { Case } from './shrink.ts'

export interface Exploration {
  readonly scenario: Scenario
  /** Decides what the saga is like: what is ordered, how it is paid. */
  readonly seed: number
  readonly kinds?: readonly FaultKind[]
  readonly faultsMax: 1 | 2
  /** Only every `of`th first fault, from the `part`th on: several workers share the work. */
  readonly share?: { readonly part: number; readonly of: number }
}

export interface Explored {
  readonly runs: number
  /** Places of one fault. */
  readonly places: number
  readonly failed: readonly { readonly case: Case; readonly violations: readonly Violation[] }[]
}

/** Those that change what happens; the others are a throttle for a crash, or a matter of how long something takes. */
export const exploredKinds: readonly FaultKind[] = [
  'crash before',
  'crash after',
  'zombie',
  'delay',
  'lost answer',
  'rewind',
  'detour',
  'redrive',
  'operator',
  'foreign',
  'feed loses',
  'feed repeats',
  'sweep',
]

/** Moves before fair weather returns: more than one saga needs with a step that waits. */
const MOVES = 150
const FAILURES_MAX = 10
/** A sweep is tried at every such move. */
const SWEEP_EVERY = 15

const whole = { part: 0, of: 1 }

export async function explore({
  scenario,
  seed,
  kinds = exploredKinds,
  faultsMax,
  share = whole,
}: Exploration): Promise<Explored> {
  const weather = Object.fromEntries(faultKinds.map(kind => [kind, kinds.includes(kind) ? 1 : 0])) as unknown as Weather
  const failed: { case: Case; violations: readonly Violation[] }[] = []
  let runs = 0

  /** Runs it with these faults; where one more could happen, in order. */
  async function placesWith(faults: readonly string[]): Promise<string[]> {
    runs++
    const places = new Set<string>()
    let sweeps = 0
    const settings: Case = { seed, sagas: 1, moves: MOVES, schedule: 'in-turn', only: new Set(faults) }
    const { violations } = await run(scenario, {
      ...settings,
      weather,
      couldHappen(id, kind) {
        // There is one a move: some stand for the others.
        if (kind !== 'sweep' || ++sweeps % SWEEP_EVERY === 1) places.add(id)
      },
    })
    if (violations.length > 0) failed.push({ case: settings, violations })
    return [...places]
  }

  const first = await placesWith([])
  for (const [i, one] of first.entries()) {
    if (i % share.of !== share.part) continue
    if (failed.length >= FAILURES_MAX) break
    const then = await placesWith([one])
    if (faultsMax === 1) continue
    // Two faults that do not touch are the same whichever comes first: the second comes after the first, or because of it.
    const known = new Set(first.slice(0, first.indexOf(one) + 1))
    for (const other of then) {
      if (known.has(other)) continue
      if (failed.length >= FAILURES_MAX) break
      await placesWith([one, other])
    }
  }
  return { runs, places: first.length, failed }
}
