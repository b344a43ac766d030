/** Values that a JSON Schema allows, for fast-check: the keywords that our documents use, and an error for any other. */
import * as fc from 'fast-check'
import type { JsonSchema } from './published-api.ts'

/** What says nothing of a value, or what `type` says already. */
const SILENT = new Set(['description', 'default', 'examples', 'title', 'id', '$schema', 'type', 'additionalProperties'])
const BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'propertyNames'],
  array: ['items', 'minItems', 'maxItems'],
  string: ['pattern', 'format', 'minLength', 'maxLength'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  boolean: [],
  null: [],
}
/** Longest text and list that are made: the limits themselves are for tests of the limits. */
const LENGTH_MAX = 40
const ITEMS_MAX = 3

/** `schema` without references. Throws for a keyword that it does not know: a value would not keep to it. */
export const valuesOf = (schema: JsonSchema): fc.Arbitrary<unknown> => madeBy(ofType, schema)

/** The same with texts that are as long as may be, and of what a store or a terminal may stumble over. */
export const valuesAtTheLimits = (schema: JsonSchema): fc.Arbitrary<unknown> =>
  fc.oneof(valuesOf(schema), madeBy(atTheLimits, schema))

type ByType = typeof ofType

function madeBy(types: ByType, schema: JsonSchema): fc.Arbitrary<unknown> {
  const valuesOf = (inner: JsonSchema) => madeBy(types, inner)
  if ('const' in schema) return fc.constant(schema['const'])
  if ('enum' in schema) return fc.constantFrom(...(schema['enum'] as readonly unknown[]))
  for (const several of ['anyOf', 'oneOf'])
    if (several in schema) return fc.oneof(...(schema[several] as readonly JsonSchema[]).map(valuesOf))
  const { type } = schema as { type?: string | readonly string[] }
  if (Array.isArray(type)) return fc.oneof(...type.map((one: string) => valuesOf({ ...schema, type: one })))
  if (type === undefined && Object.keys(schema).every(keyword => SILENT.has(keyword))) return fc.jsonValue()
  const known = BY_TYPE[String(type)]
  const unknown = Object.keys(schema).find(keyword => !SILENT.has(keyword) && !known?.includes(keyword))
  if (!known || unknown !== undefined)
    throw new Error(`values of the schema ${JSON.stringify(schema).slice(0, 200)}: teach them ${unknown ?? 'its type'}`)
  return types[type as keyof ByType](schema, valuesOf)
}

/** One value, always the same. */
export const sampleOf = (schema: JsonSchema): unknown => fc.sample(valuesOf(schema), { numRuns: 1, seed: 1 })[0]

const ofType = {
  object(schema: JsonSchema, valuesOf: (schema: JsonSchema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
    const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)
    if (properties.length === 0) return fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue(), { maxKeys: 4 })
    return fc.record(Object.fromEntries(properties.map(([name, of]) => [name, valuesOf(of)])), {
      requiredKeys: (schema['required'] ?? []) as string[],
      noNullPrototype: true,
    })
  },
  array(schema: JsonSchema, valuesOf: (schema: JsonSchema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
    const { minItems: minLength = 0, maxItems = ITEMS_MAX } = schema as { minItems?: number; maxItems?: number }
    const maxLength = Math.max(minLength, Math.min(maxItems, ITEMS_MAX))
    return fc.array(valuesOf((schema['items'] ?? {}) as JsonSchema), { minLength, maxLength })
  },
  string(schema: JsonSchema): fc.Arbitrary<unknown> {
    const { pattern, format, minLength = 0, maxLength = LENGTH_MAX } = schema as Record<string, never>
    if (format === 'date-time') return fc.date({ noInvalidDate: true }).map(date => date.toISOString())
    if (format !== undefined) throw new Error(`values of the format ${String(format)}: teach them`)
    if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern))
    return fc.string({ unit: 'grapheme', minLength, maxLength: Math.max(minLength, Math.min(maxLength, LENGTH_MAX)) })
  },
  number(schema: JsonSchema): fc.Arbitrary<unknown> {
    const { minimum = -Number.MAX_VALUE, maximum = Number.MAX_VALUE } = schema as Record<string, number>
    return fc.double({ min: minimum, max: maximum, noNaN: true, noDefaultInfinity: true })
  },
  integer(schema: JsonSchema): fc.Arbitrary<unknown> {
    const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema as Record<string, number>
    const { exclusiveMinimum = minimum - 1 } = schema as Record<string, number>
    return fc.integer({
      min: Math.max(minimum, exclusiveMinimum + 1, Number.MIN_SAFE_INTEGER),
      max: Math.min(maximum, Number.MAX_SAFE_INTEGER),
    })
  },
  boolean: (): fc.Arbitrary<unknown> => fc.boolean(),
  null: (): fc.Arbitrary<unknown> => fc.constant(null),
}

/** Four bytes, two, one that no terminal shows, and names that every object of JavaScript has. */
const UNITS = ['😀', 'ä', 'a', '\0', '\u202e', '\u2028']
const NAMES = ['__proto__', 'constructor', 'toString', '.', '..', '/', '%', '~', ' x ', '\ufeffx']

const atTheLimits: ByType = {
  ...ofType,
  string(schema: JsonSchema): fc.Arbitrary<unknown> {
    const { pattern, format, minLength = 0, maxLength = LENGTH_MAX } = schema as Record<string, never>
    if (format !== undefined || (pattern !== undefined && schema['maxLength'] === undefined))
      return ofType.string(schema)
    const fits = new RegExp(pattern ?? '', 'u')
    const named = NAMES.filter(name => name.length >= minLength && name.length <= maxLength)
    return fc
      .oneof(
        fc.constantFrom(...UNITS).map(unit => unit.repeat(maxLength)),
        fc.constantFrom(...(named.length > 0 ? named : ['x'])),
        fc.array(fc.constantFrom(...UNITS), { minLength, maxLength }).map(units => units.join('')),
      )
      .filter(text => fits.test(text))
  },
}
