/** One run of a scenario: bad weather for so many moves, then fair weather until nothing moves, and what does not hold. */
import { isUnknown } from './conversation.ts'
import { watched } from './decisions.ts'
import type { Repeats } from './delivery.ts'
import type { Scenario, Report } from './domain.ts'
import { createFaults, type FaultKind, type Weather, weatherOf } from './faults.ts'
import { createInvariants } from './invariants.ts'
import { inTurn, outgoing, seeded, seedFrom } from './random.ts'
import { createWorld } from './world.ts'

export interface RunSettings {
  /** Decides the weather, what each saga is like, and what goes wrong. */
  readonly seed: number
  readonly sagas: number
  /** Moves of the world before fair weather returns. Default: `movesFor(sagas)`. */
  readonly moves?: number | undefined
  /** How late a sweep is at most: seconds. Default: 90; sagas that miss their deadlines need more. */
  readonly late?: number | undefined
  /** Which of the sagas take part, by number. Default: all. */
  readonly among?: readonly number[] | undefined
  /** Only these faults happen, whatever the weather. */
  readonly only?: ReadonlySet<string> | undefined
  /** In which order things happen: as this seed says (default: `seed`), or the first first. */
  readonly schedule?: number | 'in-turn' | undefined
  readonly weather?: Weather | undefined
  /** What is delivered again after a partial response. Default: as the seed says. */
  readonly repeats?: Repeats | undefined
  readonly trace?: ((line: string) => void) | undefined
  readonly couldHappen?: ((id: string, kind: FaultKind) => void) | undefined
}

export interface Violation {
  /** Its name: `stock-conserved`. */
  readonly invariant: string
  readonly detail: string
  /** The saga that shows it, if it is one's. */
  readonly saga?: string
}

export interface Outcome {
  readonly violations: readonly Violation[]
  /** The faults that happened, in order. */
  readonly happened: readonly string[]
  /** The ids of the sagas that took part, by number. */
  readonly ids: ReadonlyMap<number, string>
}

export const LATE_SECONDS = 90
export const movesFor = (sagas: number) => 300 + 130 * sagas
/** Moves of fair weather, after which it is a storm of messages. */
const drainMax = (sagas: number) => 20_000 + 2_000 * sagas
const VIOLATIONS_MAX = 20
/** How many of the seeds have a weather in which nothing is late, and nothing lost for good but what is thrown away. */
const PUNCTUAL = 0.25
const UNPUNCTUAL: readonly FaultKind[] = ['sweep', 'operator', 'provider', 'feed loses', 'lost answer']

export async function run(scenario: Scenario, settings: RunSettings): Promise<Outcome> {
  const { seed, sagas, late = LATE_SECONDS, moves = movesFor(sagas), only, schedule = seed, trace } = settings
  const without = Object.fromEntries((scenario.without ?? []).map(kind => [kind, 0]))
  const isPunctual = settings.weather === undefined && outgoing(seed, 'nothing is late') < PUNCTUAL
  const punctual = isPunctual ? UNPUNCTUAL.map(kind => [kind, 0]) : []
  const weather: Weather = {
    ...(settings.weather ?? { ...weatherOf(seeded(seed)), ...Object.fromEntries(punctual) }),
    ...without,
  }
  const faults = createFaults({ seed, weather, only, couldHappen: settings.couldHappen })
  const order = schedule === 'in-turn' ? inTurn : seeded(seedFrom(schedule, 'order'))
  const violations: Violation[] = []
  const report: Report = (invariant, detail, saga) => {
    if (violations.length >= VIOLATIONS_MAX) return
    trace?.(`       VIOLATION of ${invariant}: ${detail}`)
    violations.push({ invariant, detail, ...(saga !== undefined && { saga }) })
  }

  const domain = scenario.domain()
  const { repeats = outgoing(seed, 'partial response') < 0.5 ? 'reported' : 'from-lowest' } = settings
  const world = createWorld({ domain: watched(domain, report), faults, order, late, isPunctual, repeats, trace })
  const play = await scenario.play(world, domain)
  const invariants = createInvariants({ domain, store: world.store, broker: world.broker, report })
  world.listen(change => {
    invariants.always(change)
    play.always?.(change, report)
  })
  world.onAcknowledged((record, consumer) =>
    invariants.acknowledged(record, consumer, { unknown: isUnknown(faults.happened), left: world.left }),
  )
  const goesOn = () => violations.length === 0 && world.bugs.length === 0

  const numbers = settings.among ?? Array.from({ length: sagas }, (_, i) => i)
  const ids = new Map(numbers.map(i => [i, play.idOf(i)]))
  const waiting = [...ids.values()]
  const begin = async () => {
    const id = waiting.shift()
    if (id !== undefined) await play.begin(id, seeded(seedFrom(seed, id)))
  }
  await begin()
  for (let i = 0; i < moves && goesOn(); i++) {
    play.meanwhile?.()
    const moved = await world.move()
    if (waiting.length > 0 && (!moved || order.chance(0.05))) await begin()
  }
  while (waiting.length > 0) await begin()
  if (goesOn()) await invariants.search()
  play.clearUp?.()
  const all = [...ids.values()]
  const drained = goesOn() && (await world.drain(() => play.isOver(all), goesOn, drainMax(sagas)))
  for (const bug of world.bugs) report('no-bug', bug)
  for (const id of world.missed) report('handled-letters-stay', `${id} was handled, and is thrown away`)
  // What was violated on the way is the cause; what is wrong at rest follows from it.
  if (goesOn()) {
    await invariants.atRest({
      sagas: ids.size,
      drained,
      nonsense: world.nonsense,
      discarded: world.discarded,
      happened: faults.happened,
      left: world.left,
    })
    await play.atRest(all, report)
    if (goesOn()) patience()
  }
  return { violations, happened: faults.happened, ids }

  /** What was late or lost is the only reason to be swept, and nothing is given up that only had to be asked for again. */
  function patience() {
    const happened = (kind: FaultKind) => faults.happened.some(fault => fault.startsWith(`${kind} `))
    // In an event store a reply that others gave before the saga asked does not come a second time.
    const isForestalled =
      domain.eventStore && faults.happened.some(fault => /^claim .*: PolicyCreationFailed$/.test(fault))
    if (!isPunctual || isForestalled) return
    if (!happened('discard') && world.left.size === 0 && world.fairSweeps() > 0)
      report('nothing-waits-for-a-sweep', `nothing was late, and ${world.fairSweeps()} sweeps were needed`)
    for (const { name } of domain.tables)
      for (const item of world.store.items(name))
        if (item['reason'] === 'TIMED_OUT')
          report('nothing-times-out-in-vain', `nothing was late, and this timed out: ${JSON.stringify(item)}`)
  }
}
