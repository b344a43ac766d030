/** Numbers and names as DynamoDB gives them: in its own notation, of any size, and of others' choosing. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromStoredItem, toStoredItem } from '#engine/adapters/dynamodb/documents.ts'
import { fromAttributes, toAttributes } from '#engine/adapters/dynamodb/marshal.ts'
import { newImagesOf } from '#engine/adapters/lambda/stream-event.ts'
import type { Item, Value } from '#engine/model/ports.ts'

test.each([
  ['1E+2', 100],
  ['1e2', 100],
  ['-1.50E-3', -0.0015],
  ['0E0', 0],
  ['00012', 12],
  ['99999999999999999999999999999999999999', 1e38],
  ['-12345678901234567890123456789012345678', -1.2345678901234568e37],
  ['9.9999999999999999999999999999999999999E+125', 1e126],
  ['1E-130', 1e-130],
  ['9007199254740993', 9007199254740992],
])('%s is read as %d, from a table and from its stream', (N, number) => {
  expect(fromAttributes({ n: { N }, in: { M: { list: { L: [{ N }] } } } })).toEqual({
    n: number,
    in: { list: [number] },
  })
  expect(newImagesOf({ Records: [{ dynamodb: { NewImage: { n: { N } } } }] })[0]?.item).toEqual({ n: number })
})
test('a minus before a zero is nothing to anybody who compares', () => {
  const { n } = fromAttributes({ n: { N: '-0' } })
  expect(n === 0 && JSON.stringify(n)).toBe('0')
  expect(toAttributes({ n: -0 })).toEqual({ n: { N: '0' } })
})

const names = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '$number', ''),
  fc.string(),
)
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0)
const value = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(names, tie('value')), { maxLength: 3 }).map(fields => Object.fromEntries(fields)),
  ),
})).value
const item = fc
  .array(
    fc.tuple(
      names.filter(name => name !== '__proto__'),
      value,
    ),
    { maxLength: 4 },
  )
  .map(fields => Object.fromEntries(fields))

test('whatever fields are called and hold, they come back as they were', () => {
  fc.assert(
    fc.property(item, written => {
      expect(fromAttributes(toAttributes(written))).toEqual(written)
      expect(JSON.stringify(fromAttributes(toAttributes(written)))).toBe(JSON.stringify(written))
    }),
    {
      numRuns: 500,
      examples: [[{ a: { $number: '7' } }], [{ a: { $number: { $number: 1e300 } } }], [{ a: { $number: {} } }]],
    },
  )
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
})
test('tools keep them as the store does', () => {
  fc.assert(
    fc.property(item, written => {
      // What the document client makes of a Map that is written, it reads as an object.
      const stored = JSON.parse(
        JSON.stringify(toStoredItem(written), (_, of: unknown) => (of instanceof Map ? Object.fromEntries(of) : of)),
      ) as Item
      expect(JSON.stringify(fromStoredItem(stored))).toBe(JSON.stringify(written))
    }),
    { numRuns: 500 },
  )
})
