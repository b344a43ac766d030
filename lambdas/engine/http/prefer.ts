import * as z from 'zod'
import type { HeaderField } from '../catalog/catalog.ts'
import { RetryableError } from '../model/errors.ts'
import type { Clock } from '../model/ports.ts'

/** Seconds: API Gateway gives a function 29. */
const WAIT_MAX_SECONDS = 20
const POLL_FIRST_MS = 100
const POLL_MAX_MS = 800
/** Of each that waits in this process: a hundred looks a second in all, so that many keep the table free for others. In Lambda one waits. */
const SHARE_MS = 10
let waitingNow = 0

/** Milliseconds until the next look. */
export const pauseOf = (pauseMs: number, waiting: number): number => Math.max(pauseMs, waiting * SHARE_MS)

export const preferHeader: HeaderField = {
  name: 'Prefer',
  description: `\`wait=<seconds>\` (RFC 7240), at most ${WAIT_MAX_SECONDS}: wait for the end, and answer with it.`,
  schema: z.string(),
}
/** What an answer says of it. */
export const preferenceAppliedHeader: HeaderField = {
  name: 'preference-applied',
  description: '`wait=<seconds>`: how long it was ready to wait. Left out without a preference.',
  schema: z.string(),
}

/** Seconds of `Prefer: wait=<seconds>` (RFC 7240), at most 20; 0 without one. What can't be read is no preference. */
export function waitSecondsOf(prefer: string | undefined): number {
  const found = (prefer ?? '')
    .split(',')
    .map(preference => /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;|$)/i.exec(preference)?.[1])
  return Math.min(Number(found.find(seconds => seconds !== undefined) ?? 0), WAIT_MAX_SECONDS)
}

/**
 * Asks `read` until it is there and `done`, or the time is up; undefined: it is not done. A store that is away is asked again.
 * `hungUp`: nobody waits any more, so it ends at once. The local gateway tells of it; API Gateway does not tell a function,
 * so there it goes on until the time is up, and takes up an environment as long.
 */
export async function waitUntil<T>(
  { clock, seconds, hungUp }: { clock: Clock; seconds: number; hungUp?: AbortSignal | undefined },
  read: () => Promise<T | undefined>,
  done: (value: T) => boolean,
): Promise<T | undefined> {
  const end = clock.now() + seconds * 1000
  const isGone = () => hungUp?.aborted === true
  const gone = hungUp && new Promise<void>(resolve => hungUp.addEventListener('abort', () => resolve(), { once: true }))
  for (let pause = POLL_FIRST_MS; !isGone() && clock.now() < end; pause = Math.min(pause * 2, POLL_MAX_MS)) {
    waitingNow++
    const slept = clock.sleep(Math.min(pauseOf(pause, waitingNow), end - clock.now()))
    await (gone ? Promise.race([slept, gone]) : slept).finally(() => waitingNow--)
    if (isGone()) return undefined
    const value = await read().catch(ignoreRetryable)
    if (value !== undefined && done(value)) return value
  }
  return undefined
}

function ignoreRetryable(error: unknown): undefined {
  if (error instanceof RetryableError) return undefined
  throw error
}
