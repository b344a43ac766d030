/**
 * Whether what came with a request is text. Tables and topics keep text, and half a character (a surrogate without its other
 * half) is none: it would be taken here and be INVALID on the way.
 */
import { type FieldError, fieldAt } from './problem.ts'

const NO_TEXT = 'is not text: it has half a character, or bytes that are no UTF-8'
export const noText = (field: string): FieldError => ({ field: field.toWellFormed(), message: NO_TEXT })

const TOO_LARGE = 'is a larger number than can be kept'

/** How deep a body may be nested: what reads it calls itself for each level. */
const DEPTH_MAX = 64

/** Every text, name and number of a parsed body that could not be kept as it is, by its field. Never throws, however deep it is. */
export function valueErrors(body: unknown): FieldError[] {
  const errors: FieldError[] = []
  const left: { value: unknown; path: readonly PropertyKey[] }[] = [{ value: body, path: [] }]
  for (let next = left.pop(); next; next = left.pop()) {
    const { value, path } = next
    if (typeof value === 'string' && !value.isWellFormed()) errors.push(noText(fieldAt(path)))
    // `1e400` is read as infinity, which JSON then writes as null.
    if (typeof value === 'number' && !Number.isFinite(value)) errors.push({ field: fieldAt(path), message: TOO_LARGE })
    if (typeof value !== 'object' || value === null) continue
    if (path.length >= DEPTH_MAX)
      return [{ field: fieldAt(path.slice(0, 1)), message: `is nested more than ${DEPTH_MAX} deep` }]
    const fields = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
    for (const [name, inner] of fields.toReversed()) {
      if (typeof name === 'string' && !name.isWellFormed()) errors.push(noText(fieldAt([...path, name])))
      // Where any name is taken, this one would be left out unseen: it is no field to what reads it.
      if (name === '__proto__')
        errors.push({ field: fieldAt([...path, name]), message: 'is no name that a field can have' })
      left.push({ value: inner, path: [...path, name] })
    }
  }
  return errors
}

/** Who decodes what is no text puts this character in its place. */
const REPLACED = '\ufffd'

/** A value of a path or a query, decoded. */
export const isText = (value: string) => value.isWellFormed() && !value.includes(REPLACED)

/** A segment of a path or a query as it was sent: percent-encoded. */
export function isEncodedText(segment: string): boolean {
  try {
    return isText(decodeURIComponent(segment))
  } catch {
    return false
  }
}

/** A header as it was sent: bytes, one a character. */
export function isHeaderText(value: string): boolean {
  try {
    return isText(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1')))
  } catch {
    return false
  }
}
