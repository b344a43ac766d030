/**
 * Does ever more rarely what has not helped: the first few times at once, in case one was lost on its way, then after one,
 * two, four … times `firstMs`. What it has done it remembers in this process alone: in a new one it begins anew, which costs
 * a few repetitions and no writes.
 */
export interface Backoff {
  /** Of these keys, those whose time it is; they count as done. */
  due(keys: readonly string[], now: number): Set<string>
  /** Of these keys, how many were done as often as they ever will be. */
  spent(keys: readonly string[]): number
}

/** Times that it is done without waiting, unless told. */
const AT_ONCE = 3
/** Keys that are remembered. With more, all are forgotten: once more does no harm, and memory has an end. */
const KEYS_MAX = 50_000

export function createBackoff(settings: {
  readonly firstMs: number
  readonly atOnce?: number
  /** How often at most. */
  readonly timesMax: number
}): Backoff {
  const { firstMs, atOnce = AT_ONCE, timesMax } = settings
  const seen = new Map<string, { times: number; nextAt: number }>()
  return {
    due(keys, now) {
      if (seen.size + keys.length > KEYS_MAX) seen.clear()
      return new Set(
        keys.filter(key => {
          const { times, nextAt } = seen.get(key) ?? { times: 0, nextAt: now }
          if (now < nextAt || times >= timesMax) return false
          const waits = times + 1 < atOnce ? 0 : firstMs * 2 ** (times + 1 - atOnce)
          seen.set(key, { times: times + 1, nextAt: now + waits })
          return true
        }),
      )
    },
    spent: keys => keys.filter(key => (seen.get(key)?.times ?? 0) >= timesMax).length,
  }
}
