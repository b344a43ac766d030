/** Where a consumer goes when it reads a topic again. Pure. */
import { readTime } from '#engine/model/time.ts'

export type From =
  | { readonly kind: 'beginning' }
  | { readonly kind: 'offset'; readonly offset: number }
  /** Milliseconds since 1970. */
  | { readonly kind: 'time'; readonly ms: number }

/** A partition of a topic, and its consumer's place there. */
export interface Partition {
  readonly number: number
  /** The first record that is kept, and where the next one goes. */
  readonly low: number
  readonly high: number
  /** What the group reads next. */
  readonly at: number
  /** The first record at the time that was asked for. */
  readonly since?: number
}

export interface Move {
  readonly number: number
  readonly was: number
  readonly to: number
  /** Records between the two: those that it has read. */
  readonly again: number
}

/** `beginning`, an offset, or a time in ISO 8601; undefined for anything else. */
export function readFrom(text: string): From | undefined {
  if (text === 'beginning') return { kind: 'beginning' }
  if (/^\d{1,15}$/.test(text)) return { kind: 'offset', offset: Number(text) }
  const ms = readTime(text)
  return ms === undefined ? undefined : { kind: 'time', ms }
}

/** Back to where it is told, as far as records are kept; never forward: what was not read is not left out. */
export const movesTo = (from: From, partitions: readonly Partition[]): Move[] =>
  partitions.map(({ number, low, high, at, since }) => {
    const asked = from.kind === 'beginning' ? low : from.kind === 'offset' ? from.offset : (since ?? high)
    const to = Math.min(Math.max(asked, low), at)
    return { number, was: at, to, again: at - to }
  })
