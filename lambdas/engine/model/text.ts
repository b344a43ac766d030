/**
 * Text by its length. Lengths are in characters (code points), as JSON Schema counts them in what is published: zod counts
 * half of one as one, and would refuse an emoji that the published schema takes.
 */
import * as z from 'zod'

/** At most `max` characters; also none. */
export const text = (max: number) =>
  z
    .string()
    .refine(value => hasAtMost(value, max), `has at most ${max} characters`)
    .meta({ maxLength: max })

/** Whether a text has at most `max` characters. What has no more units has no more characters: the rest is counted. */
export function hasAtMost(value: string, max: number): boolean {
  if (value.length <= max) return true
  if (value.length > 2 * max) return false
  let count = 0
  for (const _ of value) if (++count > max) return false
  return true
}
