import type { Clock } from '../../model/ports.ts'

export interface MemoryClock extends Clock {
  /** Moves time on; sleepers wake in the order of their times, each at its own. */
  advance(ms: number): Promise<void>
  /** When the next sleeper wakes, in ms since 1970. */
  nextWake(): number | undefined
}

/** Time that stands still until it is told to move. */
export function memoryClock(startMs = 0): MemoryClock {
  let now = startMs
  let made = 0
  const sleepers: { at: number; nth: number; wake: () => void }[] = []
  const next = () => sleepers.sort((a, b) => a.at - b.at || a.nth - b.nth)[0]

  return {
    now: () => now,
    sleep: ms =>
      ms <= 0
        ? Promise.resolve()
        : new Promise(resolve => {
            made += 1
            sleepers.push({ at: now + ms, nth: made, wake: resolve })
          }),
    nextWake: () => next()?.at,
    async advance(ms) {
      const until = now + ms
      for (let first = next(); first && first.at <= until; first = next()) {
        sleepers.shift()
        now = first.at
        first.wake()
        // What it does next may be to sleep again, before `until`.
        await settled()
      }
      now = until
    },
  }
}

/** After all that can go on without time has gone on. */
const settled = () => new Promise<void>(resolve => setImmediate(resolve))
