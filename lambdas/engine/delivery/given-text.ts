/**
 * Texts that others give: a field, a header or a key is a text, or is not there, or is there and is no text. The last is
 * never a reason to look further for another: two orders whose ids are numbers would become one under their record's key.
 * `null` is no text either: the contract lets a field be missing, and says of no field that it may be null. Pure.
 */
import type { IncomingRecord } from './incoming-record.ts'

/** It is there, and is no text: of another type, empty, or bytes that are not UTF-8. */
export const NO_TEXT = Symbol('there, and no text')
/** `undefined`: it is not there. `a ?? b` takes the first that is there, whatever it is. */
export type Given = string | typeof NO_TEXT | undefined

/** A field of JSON. */
export function givenText(value: unknown): Given {
  if (value === undefined) return undefined
  return typeof value === 'string' && value !== '' ? value : NO_TEXT
}

/** The text, if it is one. */
export const textOf = (given: Given): string | undefined => (given === NO_TEXT ? undefined : given)

/** Nothing is left out or replaced, so that two ids that differ stay different. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decoded(bytes: Uint8Array | null): Given {
  return bytes === null ? NO_TEXT : (givenText(utf8Of(bytes)) ?? NO_TEXT)
}

/** All of it as text; undefined if it is none. */
export function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** A record's key. Clients that have none may send no bytes. */
export const keyText = (key: Uint8Array | null): Given => (key === null || key.length === 0 ? undefined : decoded(key))

/** Headers by their names in lower case; of two with one name the last counts. A `ce_id` that is no text is given as its bytes. */
export function headerTexts({ headers }: Pick<IncomingRecord, 'headers'>): ReadonlyMap<string, Given> {
  const texts = new Map<string, Given>()
  for (const { name, value } of headers) {
    const lower = name.toLowerCase()
    const text = decoded(value)
    texts.set(lower, lower === 'ce_id' && text === NO_TEXT ? idOfBytes(value) : text)
  }
  return texts
}

/** An id is opaque: one that is no text is taken by its bytes, so that no two become one. */
const idOfBytes = (bytes: Uint8Array | null): Given =>
  bytes === null || bytes.length === 0 ? NO_TEXT : `bytes:${Buffer.from(bytes).toString('base64url')}`

type Fields = Readonly<Record<string, unknown>>

/** The first of these fields that is there. */
export function firstGiven(fields: Fields, names: readonly string[]): Given {
  for (const name of names) {
    const given = givenText(fields[name])
    if (given !== undefined) return given
  }
  return undefined
}

/** The name of the first of these fields that is there and is no text. Makes nothing: this is on every message's way. */
export const firstNoText = (fields: Fields, names: readonly string[]): string | undefined =>
  names.find(name => givenText(fields[name]) === NO_TEXT)
