/** What counts as a change of a message: whatever a message of the older shape would lose, and nothing else. */
import * as fc from 'fast-check'
import * as z from 'zod'
import { describe, expect, it, test } from 'vitest'
import { narrowed } from '../../../scripts/sagas/schema-changes.ts'

const jsonOf = (schema: z.ZodType) =>
  JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))) as Record<string, unknown>
const between = (before: z.ZodType, after: z.ZodType) => narrowed(jsonOf(before), jsonOf(after))
const { object, string, int, number, boolean } = z

describe('what was taken and is not any more, is a change', () => {
  it.each<[what: string, before: z.ZodType, after: z.ZodType, says: string]>([
    ['a new required field', object({}), object({ a: string() }), 'data.a: is required now, and is new'],
    [
      'an optional field that is required',
      object({ a: string().optional() }),
      object({ a: string() }),
      'data.a: is required now, and was optional',
    ],
    ['a field that is gone', object({ a: string() }), object({}), 'data.a: is gone, so what it held is dropped'],
    [
      'a value of a list that is gone',
      object({ a: z.enum(['X', 'Y']) }),
      object({ a: z.enum(['X']) }),
      'data.a: "Y" is not taken any more',
    ],
    ['a text of a list', object({ a: string() }), object({ a: z.enum(['X']) }), 'data.a: takes only "X" now'],
    [
      'a shorter text',
      object({ a: string().max(9) }),
      object({ a: string().max(8) }),
      'data.a: maxLength is 8 now, and was 9',
    ],
    [
      'a first bound',
      object({ a: string() }),
      object({ a: string().max(8) }),
      'data.a: maxLength is 8 now, and was not given',
    ],
    ['a longer text', object({ a: string() }), object({ a: string().min(1) }), 'data.a: minLength is 1 now'],
    ['a smaller number', object({ a: int().max(9) }), object({ a: int().max(8) }), 'data.a: maximum is 8 now'],
    ['a larger number', object({ a: int().min(0) }), object({ a: int().min(1) }), 'data.a: minimum is 1 now'],
    [
      'a bound that is not reached any more',
      object({ a: number().min(0) }),
      object({ a: number().positive() }),
      'data.a: exclusiveMinimum is 0 now',
    ],
    ['whole numbers alone', object({ a: number() }), object({ a: int() }), 'data.a: was number, and is integer now'],
    ['another type', object({ a: string() }), object({ a: number() }), 'data.a: was string, and is number now'],
    ['a pattern', object({ a: string() }), object({ a: string().regex(/^a/) }), 'data.a: pattern has changed'],
    ['a format', object({ a: string() }), object({ a: z.email() }), 'data.a: format has changed'],
    [
      'fewer lines',
      object({ a: z.array(int()).max(9) }),
      object({ a: z.array(int()).max(8) }),
      'data.a: maxItems is 8 now',
    ],
    [
      'lines of another kind',
      object({ a: z.array(object({ b: int() })) }),
      object({ a: z.array(object({ b: int(), c: int() })) }),
      'data.a[].c: is required now',
    ],
    [
      'nothing else beside its fields',
      object({ a: int() }),
      z.strictObject({ a: int() }),
      'data.*: nothing else is taken any more',
    ],
    [
      'an alternative that is gone',
      object({ a: z.union([string(), int()]) }),
      object({ a: string() }),
      'data.a: integer is not taken any more',
    ],
    ['anything', object({ a: z.unknown() }), object({ a: string() }), 'data.a: was anything, and is string now'],
    [
      'values by name',
      object({ a: z.record(string(), int()) }),
      object({ a: z.record(string(), int().max(1)) }),
      'data.a.*: maximum is 1 now',
    ],
    [
      'what it cannot compare',
      object({ a: int() }),
      object({ a: int().multipleOf(2) }),
      'data.a: multipleOf has changed, in a way that cannot be compared',
    ],
  ])('%s', (_, before, after, says) => {
    expect(between(before, after).join('\n')).toContain(says)
  })
})

describe('what is only added is none', () => {
  it.each<[what: string, before: z.ZodType, after: z.ZodType]>([
    ['an optional field', object({ a: int() }), object({ a: int(), b: string().optional() })],
    ['a required field that is optional', object({ a: int() }), object({ a: int().optional() })],
    ['a value more', object({ a: z.enum(['X']) }), object({ a: z.enum(['Y', 'X']) })],
    ['any text', object({ a: z.enum(['X']) }), object({ a: string() })],
    ['wider bounds', object({ a: int().min(1).max(2) }), object({ a: number().min(0) })],
    ['an alternative more', object({ a: string() }), object({ a: z.union([int(), string()]) })],
    ['null', object({ a: string() }), object({ a: string().nullable() })],
    ['a description', object({ a: string() }), object({ a: string().describe('Why.') })],
    ['no pattern', object({ a: string().regex(/^a/) }), object({ a: string() })],
  ])('%s', (_, before, after) => {
    expect(between(before, after)).toEqual([])
  })
})

/** A shape that can be made a schema of, and widened and narrowed. */
type Shape =
  | { kind: 'text'; min: number; max: number }
  | { kind: 'number'; min: number; max: number; whole: boolean }
  | { kind: 'boolean' }
  | { kind: 'one of'; values: string[] }
  | { kind: 'list'; of: Shape; max: number }
  | { kind: 'fields'; fields: Record<string, { shape: Shape; optional: boolean }> }

const small = fc.integer({ min: 0, max: 3 })
const { shape } = fc.letrec<{ shape: Shape; leaf: Shape }>(tie => ({
  shape: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    tie('leaf'),
    fc.record({ kind: fc.constant('list' as const), of: tie('shape'), max: small }),
    fc.record({
      kind: fc.constant('fields' as const),
      fields: fc.dictionary(
        fc.constantFrom('a', 'b', 'c'),
        fc.record({ shape: tie('shape'), optional: fc.boolean() }),
        { noNullPrototype: true },
      ),
    }),
  ),
  leaf: fc.oneof(
    fc.tuple(small, small).map(([min, more]): Shape => ({ kind: 'text', min, max: min + more })),
    fc
      .tuple(small, small, fc.boolean())
      .map(([min, more, whole]): Shape => ({ kind: 'number', min, max: min + more, whole })),
    fc.constant<Shape>({ kind: 'boolean' }),
    fc.subarray(['X', 'Y', 'Z'], { minLength: 1 }).map((values): Shape => ({ kind: 'one of', values })),
  ),
}))

function schemaOf(of: Shape): z.ZodType {
  switch (of.kind) {
    case 'text':
      return string().min(of.min).max(of.max)
    case 'number':
      return (of.whole ? int() : number()).min(of.min).max(of.max)
    case 'boolean':
      return boolean()
    case 'one of':
      return z.enum(of.values)
    case 'list':
      return z.array(schemaOf(of.of)).max(of.max)
    case 'fields':
      return object(
        Object.fromEntries(
          Object.entries(of.fields).map(([name, { shape: inner, optional }]) => [
            name,
            optional ? schemaOf(inner).optional() : schemaOf(inner),
          ]),
        ),
      )
  }
}

function valueOf(of: Shape): fc.Arbitrary<unknown> {
  switch (of.kind) {
    case 'text':
      return fc.string({ minLength: of.min, maxLength: of.max })
    case 'number':
      return of.whole
        ? fc.integer({ min: of.min, max: of.max })
        : fc.double({ min: of.min, max: of.max, noNaN: true }).map(value => value + 0)
    case 'boolean':
      return fc.boolean()
    case 'one of':
      return fc.constantFrom(...of.values)
    case 'list':
      return fc.array(valueOf(of.of), { maxLength: of.max })
    case 'fields': {
      const names = Object.keys(of.fields)
      return fc.record(
        Object.fromEntries(names.map(name => [name, valueOf((of.fields[name] as { shape: Shape }).shape)])),
        { requiredKeys: names.filter(name => !of.fields[name]?.optional) },
      )
    }
  }
}

/** The same shape with something less or more in one place or none. */
const changed = (of: Shape): fc.Arbitrary<Shape> => {
  switch (of.kind) {
    case 'text':
    case 'number':
      return fc
        .tuple(fc.integer({ min: -1, max: 1 }), fc.integer({ min: -1, max: 1 }))
        .map(([a, b]) => ({ ...of, min: Math.max(0, of.min + a), max: Math.max(0, of.max + b, of.min + a) }))
    case 'boolean':
      return fc.constant(of)
    case 'one of':
      return fc.subarray(['X', 'Y', 'Z'], { minLength: 1 }).map(values => ({ ...of, values }))
    case 'list':
      return fc.tuple(changed(of.of), small).map(([inner, max]) => ({ ...of, of: inner, max }))
    case 'fields': {
      const inner = Object.fromEntries(
        Object.entries(of.fields).map(([name, field]) => [
          name,
          fc.record({
            shape: changed(field.shape),
            optional: fc.oneof(fc.constant(field.optional), fc.boolean()),
          }),
        ]),
      )
      const more = fc.dictionary(fc.constant('d'), fc.record({ shape, optional: fc.boolean() }), {
        noNullPrototype: true,
      })
      return fc
        .tuple(fc.oneof(fc.record(inner), fc.record(inner, { requiredKeys: [] })), more)
        .map(([fields, added]) => ({ kind: 'fields', fields: { ...(fields as typeof of.fields), ...added } }))
    }
  }
}

const pair = shape.chain(before => fc.tuple(fc.constant(before), fc.oneof(changed(before), shape)))

test('a shape is as it was, whatever it is', () => {
  fc.assert(
    fc.property(shape, before => {
      expect(between(schemaOf(before), schemaOf(before))).toEqual([])
    }),
  )
})

test('where nothing is found, each message of the older shape is taken, and nothing of it is lost', () => {
  let accepted = 0
  fc.assert(
    fc.property(
      pair.chain(([before, after]) => fc.tuple(fc.constant([before, after] as const), valueOf(before))),
      ([[before, after], value]) => {
        if (between(schemaOf(before), schemaOf(after)).length > 0) return
        accepted++
        expect(schemaOf(after).parse(value)).toEqual(schemaOf(before).parse(value))
      },
    ),
    { numRuns: 400 },
  )
  expect(accepted).toBeGreaterThan(20)
})

test('what was widened in one direction is found in the other', () => {
  fc.assert(
    fc.property(pair, ([before, after]) => {
      const there = between(schemaOf(before), schemaOf(after))
      const back = between(schemaOf(after), schemaOf(before))
      const same = JSON.stringify(jsonOf(schemaOf(before))) === JSON.stringify(jsonOf(schemaOf(after)))
      // Neither way finds anything: then both are the same, but for the order in which they are written.
      if (there.length + back.length === 0 && !same)
        expect(sorted(jsonOf(schemaOf(before)))).toEqual(sorted(jsonOf(schemaOf(after))))
    }),
  )
})

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .map(([name, inner]) => [name, sorted(inner)])
            .toSorted(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
        )
      : value
