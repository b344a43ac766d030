import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 150

/**
 * Asks again and again until there is an answer that is not undefined or false. Throws after `withinMs`, naming what was
 * waited for and, if `seen` is given, what was there last.
 */
export async function until<T>(
  what: string,
  withinMs: number,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  seen: () => unknown = () => undefined,
): Promise<T> {
  for (const end = Date.now() + withinMs; ; await sleep(POLL_MS)) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}; last seen: ${JSON.stringify(seen())}`)
  }
}
