/** Who waits in which line for a function. Pure. */
import { waitSecondsOf } from '#engine/http/prefer.ts'

/**
 * Requests that one function works on at once; more wait in line. In AWS each has an environment of its own; here they
 * share one thread and one DynamoDB Local, where thousands at once would all wait too long for their write.
 */
export const AT_ONCE = 200
/**
 * A request that waits for an end (`Prefer: wait`) has its own line, so that it keeps nobody else waiting, and its place there
 * for so long: it has written what it had to by then, and only looks now and then.
 */
export const WAITING_HOLD_MS = 1000
/** Requests that wait at once for one function. More are answered without waiting, as a preference may be (RFC 7240). */
export const WAITING_MAX = 1000

export type Lane = 'ordinary' | 'waiting' | 'without-waiting'

/** `waiting`: how many wait now. */
export function laneOf(
  { method, prefer }: { readonly method: string | undefined; readonly prefer: string | undefined },
  waiting: number,
): Lane {
  if (method === 'GET' || waitSecondsOf(prefer) === 0) return 'ordinary'
  return waiting < WAITING_MAX ? 'waiting' : 'without-waiting'
}
