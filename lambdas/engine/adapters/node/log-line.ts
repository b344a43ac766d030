/**
 * One line of JSON, whatever is in it. A log must never be what fails, and never be so large that nobody keeps it: what has
 * no JSON (a BigInt, a circle, a getter or a `toJSON` that throws) is said to be there, and what is long is cut.
 */
import { LEFT_OUT, SECRET_FIELDS, withoutSecrets } from '../../delivery/without-secrets.ts'

/** Of a line, in characters: CloudWatch keeps events of 256 KB. */
const LINE_MAX = 64_000
/** Of one text; of a text in a line that is too long. */
const TEXT_MAX = 16_000
const SHORT_TEXT_MAX = 1000
const DEPTH_MAX = 8
/** Fields or items of one value, and values in all, of a line that JSON does not take as it is. */
const FIELDS_MAX = 50
const VALUES_MAX = 300
/** JSON leaves these as they are, and readers of lines end one at some of them, or obey them. */
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
/** A usual line has nothing but these: it need not be looked at closer. */
const PLAIN = /^[ -~]*$/

type Fields = { readonly [field: string]: unknown }

/** Of a message: what it is first, then its fields. Never throws. */
export function logLine(head: Fields, fields: Fields): string {
  return oneLine(usualLine(head, fields) ?? boundedLine(head, fields))
}

/** The same JSON, which every reader takes for one line. */
export const oneLine = (json: string): string => (PLAIN.test(json) ? json : json.replace(UNSAFE, escaped))

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Undefined: JSON does not take it, or it is too long. */
function usualLine(head: Fields, fields: Fields): string | undefined {
  try {
    const line = JSON.stringify({ ...head, ...fields }, written)
    return line.length <= LINE_MAX ? line : undefined
  } catch {
    return undefined
  }
}

function boundedLine(head: Fields, fields: Fields): string {
  const line = JSON.stringify({ ...head, ...(plain(fields) as Fields) }, written)
  return line.length <= LINE_MAX ? line : JSON.stringify({ ...head, cut: `${line.length} characters` }, written)
}

/** A copy that JSON takes: bounded, without circles, and without what can't be read. */
function plain(value: unknown): unknown {
  const above = new Set<object>()
  let left = VALUES_MAX
  return copy('', value)

  function copy(name: string, value: unknown): unknown {
    if (left-- <= 0) return '[more]'
    try {
      return copied(name, value)
    } catch {
      return '[it threw when it was read]'
    }
  }

  function copied(name: string, value: unknown): unknown {
    if (typeof value === 'string') return cut(value, SHORT_TEXT_MAX)
    if (typeof value === 'bigint' || typeof value === 'symbol') return cut(String(value), SHORT_TEXT_MAX)
    if (typeof value === 'function') return '[a function]'
    if (typeof value !== 'object' || value === null) return value
    if (above.has(value)) return '[circular]'
    if (above.size >= DEPTH_MAX) return '[deeper]'
    above.add(value)
    try {
      if (value instanceof Date) return value.toJSON()
      if (Array.isArray(value)) return value.slice(0, FIELDS_MAX).map(item => copy('', item))
      if (value instanceof Error) return copyOf(value, ERROR_FIELDS)
      return copyOf(value, name === 'cause' ? CAUSE_FIELDS : Object.keys(value).slice(0, FIELDS_MAX))
    } finally {
      above.delete(value)
    }
  }

  function copyOf(value: object, fields: readonly string[]): Fields {
    const fieldOf = (field: string) => {
      try {
        return (value as Fields)[field]
      } catch {
        return '[it threw when it was read]'
      }
    }
    // Without a prototype: a field may have any name.
    const copies = Object.create(null) as Record<string, unknown>
    for (const field of fields) {
      const inside = fieldOf(field)
      if (inside !== undefined) copies[cut(field, SHORT_TEXT_MAX)] = copy(field, inside)
    }
    return copies
  }
}

const cut = (text: string, max: number) =>
  text.length <= max ? text : `${text.slice(0, max)}… ${text.length - max} more characters`

/**
 * What is written of a field. An error is an empty object to JSON: this shows what it is, with its causes. What somebody
 * else threw may quote what it was given, so what looks like a secret is left out of every text; our own messages never
 * quote values, and this is not what they rely on.
 */
function written(name: string, value: unknown): unknown {
  if (SECRET_FIELDS.has(name.toLowerCase())) return LEFT_OUT
  if (typeof value === 'string') return withoutSecrets(cut(value, TEXT_MAX))
  if (value instanceof Error) return fieldsOf(value, ERROR_FIELDS)
  // A cause that is no error may be a whole answer, with the item that was there.
  if (name === 'cause' && typeof value === 'object' && value !== null) return fieldsOf(value, CAUSE_FIELDS)
  return value
}

const ERROR_FIELDS = ['name', 'message', 'code', 'stack', 'cause'] as const
const CAUSE_FIELDS = ['name', 'message', 'code', 'stack', 'Code', 'Message', 'cause'] as const

const fieldsOf = (value: object, fields: readonly string[]): Fields =>
  Object.fromEntries(fields.map(field => [field, (value as Fields)[field]]))
