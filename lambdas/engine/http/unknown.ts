/**
 * What a request names and its route does not know. Requests are written by people, and what is misspelt would be left out:
 * a filter of a redrive that filters nothing. Messages on Kafka stay tolerant, so this looks at a schema from outside, and
 * the schemas that both use stay as they are.
 */
import type * as z from 'zod'
import { nearestOf } from './nearest.ts'
import { type FieldError, fieldAt } from './problem.ts'

/** As much of a name as an error shows. */
const SHOWN_MAX = 64
export const shownName = (name: string) => name.slice(0, SHOWN_MAX)
const KNOWN_SHOWN_MAX = 20

/** `field`: where it stands, its name included. */
export function unknownName(field: string, name: string, known: readonly string[]): FieldError {
  const nearest = nearestOf(name, known)
  const list = known.slice(0, KNOWN_SHOWN_MAX).join(', ')
  const instead = nearest === undefined ? `known here: ${list || 'none'}` : `did you mean ${nearest}?`
  return { field: field.toWellFormed(), message: `is not known; ${instead}` }
}

type Any = z.core.$ZodTypes
type Path = readonly PropertyKey[]

/** Every field of a body that its schema does not know, nested ones too. Throws for a type of schema that it was not taught. */
export function unknownFields(schema: z.core.$ZodType, body: unknown, path: Path = []): FieldError[] {
  const { def } = (schema as Any)._zod
  if (PLAIN.has(def.type)) return []
  if (def.type === 'object') return inObject(def, body, path)
  if (def.type === 'array')
    return Array.isArray(body) ? body.flatMap((one, i) => unknownFields(def.element, one, [...path, i])) : []
  if (def.type === 'record')
    return fieldsOf(body).flatMap(([name, value]) => unknownFields(def.valueType, value, [...path, name]))
  // Of several, the one that it comes closest to.
  if (def.type === 'union')
    return def.options.map(option => unknownFields(option, body, path)).toSorted((a, b) => a.length - b.length)[0] ?? []
  if (def.type === 'pipe') return unknownFields(def.in, body, path)
  if (def.type === 'lazy') return unknownFields(def.getter(), body, path)
  if ('innerType' in def) return unknownFields(def.innerType, body, path)
  throw new Error(`unknown fields of a ${def.type} are not looked for: teach it to lambdas/engine/http/unknown.ts`)
}

/** They hold no fields of their own, or any. */
const PLAIN: ReadonlySet<string> = new Set([
  'string',
  'number',
  'int',
  'boolean',
  'null',
  'enum',
  'literal',
  'unknown',
  'any',
])

function inObject({ shape, catchall }: z.core.$ZodObjectDef, body: unknown, path: Path): FieldError[] {
  const known = Object.keys(shape)
  return fieldsOf(body).flatMap(([name, value]) => {
    const at = [...path, name]
    const field = Object.hasOwn(shape, name) ? shape[name] : catchall
    if (field && (field as Any)._zod.def.type !== 'never') return unknownFields(field, value, at)
    return [unknownName(fieldAt([...path, shownName(name)]), name, known)]
  })
}

const fieldsOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
