/** The JSON Schema of a request's body, as API Gateway takes it: draft 4, and nothing referred to. */
import * as z from 'zod'
import type { Schema } from '#engine/model/messages.ts'

type JsonSchema = { readonly [keyword: string]: unknown }

/** Keywords that say nothing to a validator, and those that draft 4 or API Gateway do not have. */
const LEFT_OUT = new Set([
  '$schema',
  'id',
  'definitions',
  'description',
  'default',
  'examples',
  'format',
  'propertyNames',
])

/**
 * `of` names the route in errors. Looser than the function's own check where draft 4 has no words for that; never stricter.
 * A field that nobody knows passes here, though draft 4 could say it: the function says which known one is the nearest,
 * and API Gateway could not.
 */
export function requestSchemaOf(schema: Schema<unknown>, of: string): JsonSchema {
  if (!(schema instanceof z.ZodType)) throw new Error(`${of}: its body's schema is not one of zod`)
  const converted = z.toJSONSchema(schema, { target: 'draft-4', io: 'input', unrepresentable: 'any' }) as JsonSchema
  const named = (converted['definitions'] ?? {}) as Readonly<Record<string, JsonSchema>>
  return inline(converted, named, of) as JsonSchema
}

function inline(value: unknown, named: Readonly<Record<string, JsonSchema>>, of: string, properties = false): unknown {
  if (Array.isArray(value)) return value.map(one => inline(one, named, of))
  if (typeof value !== 'object' || value === null) return value
  const { $ref } = value as { $ref?: unknown }
  if (typeof $ref === 'string' && !properties) {
    const target = named[$ref.replace('#/definitions/', '')]
    if (!target) throw new Error(`${of}: its body's schema refers to itself, which API Gateway does not take`)
    return inline(target, named, of)
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => properties || !LEFT_OUT.has(key))
      .map(([key, inner]) => [key, inline(inner, named, of, key === 'properties' && !properties)]),
  )
}
