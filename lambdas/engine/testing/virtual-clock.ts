import { type MemoryClock, memoryClock } from '../adapters/memory/clock.ts'

/**
 * Time in one process: it stands still while anything can go on, and jumps to the next sleeper when nothing can. So nobody
 * waits, and what would take a minute takes none.
 */
export function virtualClock(startMs: number): MemoryClock {
  const clock = memoryClock(startMs)
  return {
    ...clock,
    sleep(ms) {
      const slept = clock.sleep(ms)
      setImmediate(() => {
        const next = clock.nextWake()
        if (next !== undefined) void clock.advance(next - clock.now())
      })
      return slept
    },
  }
}
