/** A seeded source of chance (mulberry32): the same seed gives the same run. */
export interface Random {
  /** 0 ≤ x < 1. */
  next(): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** 0 ≤ n < below. */
  below(n: number): number
  pick<T>(from: readonly T[]): T
}

export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    return mixed(state)
  }
  const below = (n: number) => Math.floor(next() * n)
  return { next, below, chance: probability => next() < probability, pick: from => from[below(from.length)] as never }
}

/** No chance at all: the first comes first, and what is likely happens. */
export const inTurn: Random = {
  next: () => 0.5,
  chance: probability => probability >= 0.5,
  below: () => 0,
  pick: from => from[0] as never,
}

/** What this seed says of this text: 0 ≤ x < 1, whatever else was asked before. */
export const outgoing = (seed: number, text: string): number => mixed(seedFrom(seed, text))

/** A seed for one thing among many (FNV-1a). */
export function seedFrom(seed: number, text: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return (hash ^ Math.imul(seed, 0x9e3779b1)) >>> 0
}

function mixed(state: number): number {
  let t = state
  t = Math.imul(t ^ (t >>> 15), t | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}
