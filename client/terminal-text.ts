/**
 * Text that others wrote, for a terminal. What moves its cursor, changes its colours, its title or the direction of what is
 * read, or is not seen at all, is shown as `\u{1b}` and does nothing.
 */

/**
 * Control characters (C0, DEL, C1), format characters (marks and overrides of direction, zero-width ones, tags), separators
 * of lines and paragraphs, halves of characters, and fillers that look like nothing.
 */
const DECEIVING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]/gu
/** An emoji that is made of several is held together by a joiner, which is what it seems to be there. */
const JOINER = '\u200d'
const BEFORE_JOINER = /\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})*$/u
const AFTER_JOINER = /^\p{Extended_Pictographic}/u

/** A value of one line: line breaks and tabs are shown too, so that it can't pretend to be a line of ours. */
export const oneLine = (text: string): string =>
  text.replaceAll(DECEIVING, (found: string, at: number) =>
    found === JOINER && joinsEmoji(text, at) ? found : `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  )

/** Lines of ours, with values that were made `oneLine` before: what is left of such characters does nothing. */
export const lines = (text: string): string => text.split('\n').map(oneLine).join('\n')

/** The same JSON, in characters that are safe to print: JSON has escapes of its own. */
export const printableJson = (json: string): string =>
  json.replaceAll(DECEIVING, found =>
    found === '\n' ? found : Array.from({ length: found.length }, (_, i) => escaped(found.charCodeAt(i))).join(''),
  )

const escaped = (code: number) => `\\u${code.toString(16).padStart(4, '0')}`

function joinsEmoji(text: string, at: number): boolean {
  return BEFORE_JOINER.test(text.slice(Math.max(0, at - 8), at)) && AFTER_JOINER.test(text.slice(at + 1, at + 3))
}

/** An answer of the API with every text in it, names too, made `oneLine`: whatever is printed of it. Numbers stay. */
export function printable(value: unknown): unknown {
  if (typeof value === 'string') return oneLine(value)
  if (Array.isArray(value)) return value.map(printable)
  if (typeof value !== 'object' || value === null) return value
  // No prototype: the names are others' too.
  const shown = Object.create(null) as Record<string, unknown>
  for (const [name, inside] of Object.entries(value)) shown[oneLine(name)] = printable(inside)
  return shown
}
