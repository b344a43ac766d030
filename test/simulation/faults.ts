/**
 * What goes wrong, and where. A fault has a place that is named by what happens there (`payment: call charge order-o1`),
 * and a seed says of each place whether it is hit, whatever happened elsewhere. So one fault can be taken away, or put
 * where one wants it, and the others stay: a failing run is made smaller by that, and all runs with two faults are listed.
 */
import { type Random, outgoing } from './random.ts'

/** Each with how likely it is at one of its places in the worst weather. */
const WORST = {
  /** The invocation dies before a step: a read, a write, a call, a publish, the acknowledgement. */
  'crash before': 0.06,
  /** The step happens, and then the invocation dies. */
  'crash after': 0.06,
  /** The invocation loses its partitions to another, and goes on, later. */
  zombie: 0.03,
  /** A step waits while others go on. */
  delay: 0.03,
  /** Nobody reads a partition for a while. */
  lag: 0.03,
  /** A read or a write is refused for now. */
  throttle: 0.05,
  /** A transaction meets another one. */
  conflict: 0.08,
  /** The broker or the provider is away. */
  away: 0.08,
  /** It happened, and whoever asked is told otherwise, or nothing. */
  'lost answer': 0.05,
  /** Records that were acknowledged come again. */
  rewind: 0.1,
  /** Lambda gives up on a record for a reason of its own: to the dead letters. */
  detour: 0.3,
  /** A dead letter is sent back before the weather is fair. */
  redrive: 0.6,
  /** A dead letter is thrown away, where that is allowed (rule 10). */
  discard: 0.4,
  /** An operator acts on a saga: retry, abort, resolve; by then it may have moved on. */
  operator: 0.4,
  /** Others say once more what was published, under an id of their own and without headers. */
  foreign: 0.12,
  /** Others write what nobody can read. */
  nonsense: 0.03,
  /** A batch has records of several topics. */
  mixed: 0.5,
  /** The change feed never tells of a change. */
  'feed loses': 0.1,
  'feed repeats': 0.2,
  'feed reverses': 0.2,
  /** A sweep out of turn. */
  sweep: 0.05,
  /** That sweep is late. */
  late: 0.9,
  /** Others claim something of a saga: that it is rejected, that its policy could not be made. */
  claim: 0.15,
  /** The provider goes down, hangs, or is back. */
  provider: 0.004,
} as const

export type FaultKind = keyof typeof WORST
export const faultKinds = Object.keys(WORST) as readonly FaultKind[]
export type Weather = Readonly<Record<FaultKind, number>>

/** What meets in a storm: kinds of faults that some rule is needed for only where they hit the same saga. */
const STORMS: readonly (readonly FaultKind[])[] = [
  ['detour', 'discard', 'foreign'],
  ['detour', 'operator'],
  ['detour', 'operator', 'delay'],
  ['crash after', 'lost answer', 'zombie'],
  ['delay', 'zombie', 'rewind'],
  ['crash after', 'rewind', 'mixed'],
  ['feed loses', 'feed repeats', 'crash after'],
  ['claim', 'detour', 'delay'],
  ['claim', 'operator', 'lag'],
]
/** How frequent such a kind is at most; of crashes and zombies little is enough. */
const STORMY = { usual: 0.6, deadly: 0.25 }
const DEADLY: readonly FaultKind[] = ['crash before', 'crash after', 'zombie', 'delay']

/** Each seed has its own weather: some runs see one kind of fault only, others everything, and half of them a storm. */
export function weatherOf(random: Random): Weather {
  const weather = Object.fromEntries(
    faultKinds.map(kind => [kind, random.chance(0.6) ? random.next() * WORST[kind] : 0]),
  ) as Record<FaultKind, number>
  if (random.chance(0.5))
    for (const kind of random.pick(STORMS))
      weather[kind] = Math.max(weather[kind], random.next() * (DEADLY.includes(kind) ? STORMY.deadly : STORMY.usual))
  return weather
}

export interface Faults {
  /** Whether this goes wrong at this place now; if so, how badly: 0 ≤ x < 1. */
  at(kind: FaultKind, place: string): number | undefined
  /** From now on nothing goes wrong. */
  clearUp(): void
  /** What went wrong, in order: `crash after payment: call charge order-o1`, from the second time on with `#2`. */
  readonly happened: readonly string[]
}

export interface FaultSettings {
  readonly seed: number
  readonly weather: Weather
  /** These, and no others, whatever the weather. */
  readonly only?: ReadonlySet<string> | undefined
  /** Hears of every place where something of the weather could go wrong. */
  readonly couldHappen?: ((id: string, kind: FaultKind) => void) | undefined
}

export function createFaults({ seed, weather, only, couldHappen }: FaultSettings): Faults {
  const times = new Map<string, number>()
  const happened: string[] = []
  let fair = false
  return {
    happened,
    clearUp: () => void (fair = true),
    at(kind, place) {
      const probability = weather[kind]
      if (fair || (probability === 0 && !only)) return undefined
      const site = `${kind} ${place}`
      const time = (times.get(site) ?? 0) + 1
      times.set(site, time)
      const id = time === 1 ? site : `${site} #${time}`
      if (probability > 0) couldHappen?.(id, kind)
      if (only ? !only.has(id) : outgoing(seed, id) >= probability) return undefined
      happened.push(id)
      return outgoing(seed + 1, id)
    },
  }
}
