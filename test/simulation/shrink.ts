/**
 * Makes a failing run small: the saga that shows it alone, then as few faults as still break the same invariant. Each
 * fault has its place, so taking one away leaves the others where they are; the order of events is tried anew each time.
 */
import type { Scenario } from './domain.ts'
import { type Outcome, run, type RunSettings, type Violation } from './run.ts'

/** A run that is told exactly: replayed, it does the same. */
export type Case = Pick<RunSettings, 'seed' | 'sagas' | 'moves' | 'late' | 'among' | 'only' | 'schedule'>

export interface Shrunk {
  readonly case: Case
  readonly violation: Violation
  readonly faults: readonly string[]
  /** What happened, a line each. */
  readonly trace: readonly string[]
  /** How many runs that took. */
  readonly runs: number
}

/** Runs of one shrinking, at most. */
const RUNS_MAX = 3_000
/** Orders of events that are tried for each set of faults. */
const SCHEDULES: readonly NonNullable<RunSettings['schedule']>[] = ['in-turn', 1, 2, 3, 4, 5]
const SEARCHED_SEEDS = 150
/** Sagas of a world that is run in its own order only, as it takes long. */
const MANY = 8

interface Failing {
  readonly case: Case
  readonly outcome: Outcome
}

/** Undefined: the run does not fail. */
export async function shrink(scenario: Scenario, settings: Case): Promise<Shrunk | undefined> {
  let runs = 0
  const first = await run(scenario, settings)
  const [wanted] = first.violations
  if (!wanted) return undefined

  /** The run, if it breaks the same invariant. */
  const failing = async (settings: Case): Promise<Failing | undefined> => {
    if (++runs > RUNS_MAX) return undefined
    const outcome = await run(scenario, settings)
    return outcome.violations[0]?.invariant === wanted.invariant ? { case: settings, outcome } : undefined
  }
  const inAnyOrder = async (settings: Case): Promise<Failing | undefined> => {
    const own = settings.schedule ?? settings.seed
    const many = (settings.among?.length ?? settings.sagas) > MANY
    for (const schedule of new Set(many ? [own] : [...SCHEDULES, own])) {
      const found = await failing({ ...settings, schedule })
      if (found) return found
    }
    return undefined
  }

  let smallest: Failing = (await alone()) ?? (await elsewhere()) ?? { case: settings, outcome: first }
  smallest = await withFewerFaults(await withFewerSagas(smallest))
  // With few faults left, more can do without the others.
  smallest = await withFewerFaults(await withFewerSagas(smallest))
  const trace: string[] = []
  const { violations } = await run(scenario, { ...smallest.case, trace: line => trace.push(line) })
  return {
    case: smallest.case,
    violation: violations[0] ?? wanted,
    faults: [...(smallest.case.only ?? smallest.outcome.happened)],
    trace,
    runs,
  }

  /** The saga that shows it, with the faults that it had, and without the others. */
  async function alone(): Promise<Failing | undefined> {
    const number = [...first.ids].find(([, id]) => id === wanted?.saga)?.[0]
    if (number === undefined || first.ids.size === 1) return undefined
    return inAnyOrder({ ...settings, among: [number], only: new Set(first.happened) })
  }

  /** Another seed that breaks the same in a small world. */
  async function elsewhere(): Promise<Failing | undefined> {
    for (const sagas of [1, 2, 3]) {
      if (sagas >= first.ids.size) return undefined
      for (let i = 0; i < SEARCHED_SEEDS; i++) {
        const found = await failing({ seed: settings.seed + i, sagas, late: settings.late })
        if (found) return found
      }
    }
    return undefined
  }

  /** Parts of the others go, halves first, down to single ones. The saga that shows it stays as long as another can go. */
  async function withFewerSagas(from: Failing): Promise<Failing> {
    let smallest = from
    const [shows] = from.outcome.violations
    const numbers = () =>
      [...smallest.outcome.ids]
        .toSorted(([, a], [, b]) => Number(a === shows?.saga) - Number(b === shows?.saga))
        .map(([number]) => number)
    for (let size = Math.ceil(numbers().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (const part of chunks(numbers(), size)) {
        const among = numbers().filter(number => !part.includes(number))
        if (among.length === 0) continue
        const only = smallest.case.only ?? new Set(smallest.outcome.happened)
        smallest = (await inAnyOrder({ ...smallest.case, among, only })) ?? smallest
      }
    }
    return smallest
  }

  /** Delta debugging: halves first, then smaller and smaller parts, down to single faults. */
  async function withFewerFaults(from: Failing): Promise<Failing> {
    let smallest = from
    let faults = [...(from.case.only ?? [])].filter(fault => from.outcome.happened.includes(fault))
    if (!from.case.only) faults = [...from.outcome.happened]
    for (let size = Math.max(1, Math.ceil(faults.length / 2)); size >= 1 && faults.length > 0; ) {
      let fewer: Failing | undefined
      for (let at = 0; at < faults.length && !fewer; at += size) {
        const left = faults.filter((_, i) => i < at || i >= at + size)
        fewer = await inAnyOrder({ ...smallest.case, only: new Set(left) })
      }
      if (fewer) {
        smallest = fewer
        const { happened } = fewer.outcome
        faults = [...(fewer.case.only ?? [])].filter(fault => happened.includes(fault))
        size = Math.min(size, Math.max(1, faults.length))
      } else if (size === 1) break
      else size = Math.ceil(size / 2)
    }
    // What is left out of the list did not happen: the run is the same without it.
    return { ...smallest, case: { ...smallest.case, only: new Set(faults) } }
  }
}

const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
