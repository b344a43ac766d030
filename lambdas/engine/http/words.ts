import * as z from 'zod'

/**
 * A character that can be seen. Spelled out, as engines differ in what `\s` is: validators of our published schema are not
 * all JavaScript's.
 */
// oxlint-disable-next-line no-control-regex -- what is not seen has to be named
const SEEN = /[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u3000\ufeff]/

/** Text that people wrote: not blank, at most `max` characters (code points, as JSON Schema counts), and trimmed. */
export const words = (max: number) =>
  z
    .string()
    .refine(text => Array.from(text).length <= max, `has at most ${max} characters`)
    .regex(SEEN, 'is blank')
    .trim()
    .meta({ maxLength: max })
