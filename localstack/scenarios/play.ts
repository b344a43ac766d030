import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { ApiClient } from '../../client/api-client.ts'

/** One path through a domain, played by its API, and what it must come to. */
export interface Play {
  readonly name: string
  /** What is special about it: `tok_declined`. */
  readonly with: string
  /** Throws for what has no answer at all. */
  readonly play: (stage: Stage) => Promise<Played>
}

/** How a play ended. */
export interface Played {
  /** `order 123` */
  readonly subject: string
  readonly timeline: readonly TimelineRow[]
  /** How it ended, in a line. */
  readonly summary: string
  /** What is not as it should be, one sentence each; empty: all is. */
  readonly wrong: readonly string[]
}

export interface Stage {
  readonly operator: ApiClient
  readonly customer: ApiClient
  /** Makes names that no other run has: `2-1f3a5b`. */
  readonly slug: string
  /** The messages of one saga that have been seen on the topics so far, in the order in which they were written. */
  timeline(sagaId: string): Promise<readonly TimelineRow[]> | readonly TimelineRow[]
  /** How long what follows an end may take (its last row and message), milliseconds. */
  readonly settleMaxMs: number
}

/** One message of a saga, where it was written, and the version of the item whose commit caused it. */
export interface TimelineRow {
  /** `OrderCreatedEvent` */
  readonly message: string
  readonly topic: string
  readonly partition: number
  readonly offset: number | string
  /** Undefined where the id does not tell it: a foreign message. */
  readonly version?: number | undefined
}

/** How long an order or a quote may take from its acceptance to its end. */
export const END_MAX_MS = 90_000
const POLL_MS = 100

/** Asks until it is as it should be or the time is up; the last answer either way. */
export async function poll<T>(maxMs: number, ask: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  const end = Date.now() + maxMs
  let value = await ask()
  while (!done(value) && Date.now() < end) {
    await sleep(POLL_MS)
    value = await ask()
  }
  return value
}

/** `APPROVED`, `REJECTED (OUT_OF_STOCK)` */
export const outcome = ({ status, reason }: { readonly status: string; readonly reason?: string | undefined }) =>
  reason === undefined ? status : `${status} (${reason})`

/** A sentence if two things differ. */
export const differs = (what: string, expected: unknown, found: unknown): string | undefined =>
  isDeepStrictEqual(expected, found) ? undefined : `${what} ${inWords(found)}, and should be ${inWords(expected)}`

const inWords = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

/** The types on a timeline, each once, of messages whose types begin so: a user's own saga may go on where one ends. */
export const typesOn = (timeline: readonly TimelineRow[], beginning: RegExp): string[] =>
  [...new Set(timeline.map(({ message }) => message).filter(type => beginning.test(type)))].sort()
