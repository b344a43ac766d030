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
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (n: number) => Math.floor(next() * n)
  return { next, below, chance: probability => next() < probability, pick: from => from[below(from.length)] as never }
}
