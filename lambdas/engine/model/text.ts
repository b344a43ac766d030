/** Whether a text has at most `max` characters (code points), as zod and JSON Schema count them. Pure. */
export function hasAtMost(value: string, max: number): boolean {
  // What has no more units has no more characters: the rest is counted.
  if (value.length <= max) return true
  if (value.length > 2 * max) return false
  let count = 0
  for (const _ of value) if (++count > max) return false
  return true
}
