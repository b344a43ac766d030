import type { Schema } from '#engine/model/messages.ts'
import * as z from 'zod'

export type JsonSchema = { readonly [keyword: string]: unknown }

export interface Converted {
  readonly schema: JsonSchema
  /** Schemas with a name (`.meta({ id })`), which `schema` refers to as `#/components/schemas/<name>`. */
  readonly named: Readonly<Record<string, JsonSchema>>
}

/**
 * The JSON Schema of what a contract or a route parses, as its sender writes it. AsyncAPI takes draft 7, OpenAPI 3.1
 * takes 2020-12. `of` names its owner in errors.
 */
export function jsonSchemaOf(
  schema: Schema<unknown>,
  target: 'draft-7' | 'draft-2020-12',
  of: string,
  { closed = false }: { /** A request's body: what is not known is refused. */ readonly closed?: boolean } = {},
): Converted {
  if (!(schema instanceof z.ZodType)) throw new Error(`${of}: its schema is not one of zod, and can't be documented`)
  const {
    $schema: _,
    definitions,
    $defs,
    ...converted
  } = z.toJSONSchema(schema, {
    target,
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      leaveOutNoise(jsonSchema)
      if (closed && zodSchema._zod.def.type === 'object') jsonSchema.additionalProperties ??= false
    },
  }) as JsonSchema & { definitions?: Converted['named']; $defs?: Converted['named'] }
  const named = definitions ?? $defs ?? {}
  if (closed && Object.keys(named).length > 0)
    throw new Error(`${of}: a part of its body has a name, and what is shown may have more fields: leave out its id`)
  refuseShapeless([converted, named], of)
  return { schema: atComponents(converted) as JsonSchema, named: atComponents(named) as Converted['named'] }
}

/** What its type or its format says already: an integer that JSON can hold, a date that exists. */
function leaveOutNoise(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.format === 'date-time') delete schema.pattern
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
}

function atComponents(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(atComponents)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace(/^#\/(definitions|\$defs)\//, '#/components/schemas/')
        : atComponents(inner),
    ]),
  )
}

/** A check of our own making has no JSON Schema, and would be shown as if anything went. */
function refuseShapeless(value: unknown, of: string, path = ''): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    const properties = (key === 'properties' && typeof inner === 'object' && inner) || {}
    for (const [field, shape] of Object.entries(properties))
      if (typeof shape === 'object' && shape !== null && Object.keys(shape).length === 0)
        throw new Error(
          `${of}: the field ${path}${field} has no JSON Schema: give it one by \`.meta({ type: 'number' })\``,
        )
    if (key !== 'properties') refuseShapeless(inner, of, path)
    for (const [field, shape] of Object.entries(properties)) refuseShapeless(shape, of, `${path}${field}.`)
  }
}
