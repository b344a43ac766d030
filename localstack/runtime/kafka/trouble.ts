/** What goes wrong again and again is told once a minute, and waited for longer each time. */

const TOLD_EVERY_MS = 60_000
/** Milliseconds before the next try; the first follows at once. */
const PAUSES = { first: 250, longest: 10_000 }
/** What went well for as long is no longer in trouble. */
const WELL_AFTER_MS = 60_000

export interface Trouble {
  /** The same line no more than once a minute; how often it was meant is said with the next. */
  tell(line: string): void
  /** It went wrong, after it went well for `wellForMs`: milliseconds until it should be tried again. */
  pauseAfter(wellForMs: number): number
}

/** `now`: milliseconds since 1970. */
export function createTrouble({ show, now }: { show(line: string): void; now(): number }): Trouble {
  const told = new Map<string, { at: number; since: number }>()
  let failures = 0
  return {
    tell(line) {
      const last = told.get(line)
      if (last && now() - last.at < TOLD_EVERY_MS) {
        last.since += 1
        return
      }
      show(last && last.since > 0 ? `${line} (${last.since} times more since it was said)` : line)
      told.set(line, { at: now(), since: 0 })
    },
    pauseAfter(wellForMs) {
      failures = wellForMs >= WELL_AFTER_MS ? 1 : failures + 1
      return failures === 1 ? 0 : Math.min(PAUSES.longest, PAUSES.first * 2 ** (failures - 2))
    },
  }
}
