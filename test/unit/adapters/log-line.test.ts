/** Whatever is logged: a line of JSON, of bounded length, and nothing is thrown. */
import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { jsonLog } from '#engine/adapters/node/log.ts'

const LINE_MAX = 64_000

function logged(fields: Readonly<Record<string, unknown>>, message = 'it.happened') {
  const lines: string[] = []
  const log = jsonLog({ service: 'order', now: () => 0, write: line => void lines.push(line) })
  log.error(message, fields)
  const [line = '', ...others] = lines
  expect(others).toEqual([])
  return line
}

/** As readers split it: Node, Python (`splitlines`), whoever takes NEL and Unicode's separators for ends. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const isOneLine = (line: string) => line.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029\u001c-\u001e]/).length === 1

function circle() {
  const error = new Error('round', { cause: {} })
  error.cause = error
  const self: Record<string, unknown> = { a: 1, error }
  self['self'] = self
  return self
}
const hostile: Readonly<Record<string, unknown>> = {
  'a BigInt': 2n ** 70n,
  'a circle': circle(),
  'an error that causes itself': circle()['error'],
  'a toJSON that throws': {
    toJSON() {
      throw new Error('no')
    },
  },
  'a getter that throws': {
    get a() {
      throw new Error('no')
    },
    b: 1,
  },
  'an error whose message throws': Object.defineProperty(new Error('x'), 'message', {
    get() {
      throw new Error('no')
    },
  }),
  'a proxy that refuses all': new Proxy(
    {},
    {
      get() {
        throw new Error('no')
      },
      ownKeys() {
        throw new Error('no')
      },
    },
  ),
  'a revoked proxy': (() => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  })(),
  'a date that is none': new Date(Number.NaN),
  'a symbol': Symbol('s'),
  'a function': () => 1,
  'half a character': '\ud83d',
  'separators of lines': 'a\u2028b\u2029c\u0085d\u001b[2J\u009b31m\u202e',
  'a stack of a megabyte': Object.assign(new Error('big'), { stack: 's'.repeat(1_000_000) }),
  'a text of a megabyte': 'x'.repeat(1_000_000),
  'a hundred thousand fields': Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`f${i}`, i])),
  'ten thousand levels': Array.from({ length: 10_000 }).reduce<object>(inside => ({ inside }), {}),
  'a list of a million': Array.from({ length: 1_000_000 }, () => 0),
  'a name that is a prototype': JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
  'an aggregate error': new AggregateError([new Error('a'), circle()], 'all'),
}

describe('a line', () => {
  it.each(Object.entries(hostile))('has room for %s', (_, value) => {
    for (const fields of [{ value }, { sagaId: 'o1', error: value }, { cause: value }, { list: [value, { value }] }]) {
      const line = logged(fields)
      expect(isOneLine(line)).toBe(true)
      expect(line.length).toBeLessThanOrEqual(LINE_MAX)
      expect(JSON.parse(line)).toMatchObject({ level: 'error', service: 'order', message: 'it.happened' })
    }
  })

  it('keeps the fields beside the one that can not be read', () => {
    expect(
      JSON.parse(logged({ sagaId: 'o1', count: 3n, error: new TypeError('no', { cause: circle() }) })),
    ).toMatchObject({
      sagaId: 'o1',
      count: '3',
      error: { name: 'TypeError', message: 'no' },
    })
  })

  it('leaves out secrets of such a line too', () => {
    const line = logged({ count: 3n, paymentMethod: 'visa', why: 'no tok_visa_1', error: new Error('tok_visa_2') })
    expect(line).not.toMatch(/visa/)
  })

  it('has the fields that throw when they are listed', () => {
    const fields = Object.defineProperty({ sagaId: 'o1' }, 'bad', {
      enumerable: true,
      get() {
        throw new Error('no')
      },
    })
    expect(JSON.parse(logged(fields))).toMatchObject({ sagaId: 'o1', bad: '[it threw when it was read]' })
  })
})

test('any fields make one line of JSON, which says the same where JSON can say it', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
  })
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), anything),
      fc.string({ unit: 'binary' }),
      (fields, message) => {
        const line = logged({ fields }, message)
        expect(isOneLine(line)).toBe(true)
        expect(JSON.parse(line).message).toBe(JSON.parse(JSON.stringify(message)))
      },
    ),
  )
})
