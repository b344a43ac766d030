/** Records that a topic may get from anybody: as published, nearly so, and not at all. For fast-check. */
import { isUtf8 } from 'node:buffer'
import * as fc from 'fast-check'
import type { JsonSchema } from './published-api.ts'
import type { PublishedMessage, PublishedTopic } from './published-messages.ts'
import { valuesOf } from './schema-values.ts'

/** What comes from a client, before the broker gives it a place. */
export interface Sent {
  readonly topic: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly { readonly name: string; readonly value: Uint8Array }[]
}

const utf8 = (text: string) => new Uint8Array(Buffer.from(text))
const bytes = fc.uint8Array({ maxLength: 40 })
/** A few ids, so that records meet on one aggregate. */
const known = fc.constantFrom('a1', 'a2', 'a3')
const oddText = fc.oneof(
  fc.constantFrom('', ' ', '\0', '\u{feff}a1', '__proto__', 'constructor', 'toString', 'a/b', '../..', '\u{1f600}'),
  fc.constantFrom('x'.repeat(257), 'x'.repeat(5_000), `a1${'\u{301}'.repeat(300)}`),
  fc.string({ unit: 'binary', maxLength: 30 }),
)
const oddNumber = fc.constantFrom(-0, -1, 0.1, 1e21, 1e308, 2 ** 53, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER)
const deep = fc.integer({ min: 1, max: 3_000 }).map(depth => {
  let value: unknown = 'deep'
  for (let i = 0; i < Math.min(depth, 500); i++) value = i % 2 ? [value] : { a: value }
  return value
})
const ownProto = fc.constant(
  JSON.parse('{"__proto__":{"isReply":true,"amount":1},"constructor":{"prototype":1}}') as unknown,
)
const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), oddText, oddNumber, deep, ownProto)

/** A value with one thing in it replaced, removed, doubled or added. */
const nearly = (value: unknown): fc.Arbitrary<unknown> =>
  fc.tuple(fc.nat(), anything, fc.constantFrom('replace', 'remove', 'add')).map(([at, other, how]) => {
    const places: { on: Record<string, unknown>; name: string }[] = []
    const copy = structuredClone(value)
    const walk = (on: unknown) => {
      if (typeof on !== 'object' || on === null) return
      for (const name of Object.keys(on)) {
        places.push({ on: on as Record<string, unknown>, name })
        walk((on as Record<string, unknown>)[name])
      }
    }
    walk(copy)
    const place = places[at % Math.max(places.length, 1)]
    if (!place) return other
    if (how === 'replace') place.on[place.name] = other
    else if (how === 'add') place.on[`more${at % 7}`] = other
    else delete place.on[place.name]
    return copy
  })

/** A published payload, whose ids are among a few. */
function published({ payload }: PublishedMessage): fc.Arbitrary<unknown> {
  const named = (schema: JsonSchema): JsonSchema => {
    const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)
    if (properties.length === 0) return schema
    const isId = (name: string) => /^(order|product|customer|quote|policy|saga)I[dD]$/.test(name)
    return {
      ...schema,
      properties: Object.fromEntries(
        properties.map(([name, of]) => [
          name,
          isId(name) ? { enum: ['a1', 'a2', 'a3'] } : of['type'] === 'array' ? itemsOf(of, named) : named(of),
        ]),
      ),
    }
  }
  return valuesOf(named(payload))
}
const itemsOf = (schema: JsonSchema, named: (schema: JsonSchema) => JsonSchema) => ({
  ...schema,
  items: named((schema['items'] ?? {}) as JsonSchema),
})

const json = (value: unknown) => utf8(JSON.stringify(value))
/** JSON that no writer of ours makes: names twice, huge numbers, half a character, a mark at its beginning. */
const oddJson = (value: unknown): fc.Arbitrary<Uint8Array> => {
  const text = JSON.stringify(value)
  return fc
    .constantFrom(
      text.replace('{', '{"data":1,'),
      text.replace(/}$/, ',"data":null}'),
      text.replace(/\d+/, '1e999'),
      text.replace(/\d+/, '123456789012345678901234567890'),
      text.replace(/"data":\{/, '"data":{"reason":"\\ud800",'),
      text.replace(/"data":\{/, '"data":{"__proto__":{"amount":1},'),
      `\u{feff}${text}`,
      ` \n${text}\n`,
      text.slice(0, -1),
      '['.repeat(20_000),
    )
    .map(utf8)
}

const valueOf = (message: PublishedMessage): fc.Arbitrary<Uint8Array | null> =>
  fc.oneof(
    { weight: 8, arbitrary: published(message).map(json) },
    { weight: 8, arbitrary: published(message).chain(nearly).map(json) },
    { weight: 2, arbitrary: published(message).chain(oddJson) },
    { weight: 1, arbitrary: anything.map(json) },
    { weight: 1, arbitrary: bytes },
    { weight: 1, arbitrary: fc.constant(null) },
  )

const headerName = fc.oneof(
  fc.constantFrom(
    'ce_id',
    'ce_type',
    'ce_source',
    'CE_ID',
    'sagaid',
    'causationid',
    'traceparent',
    'content-type',
    'ce_specversion',
  ),
  fc.constantFrom('dlq_reason', 'dlq_topic', 'dlq_offset', '__proto__', 'constructor', '', 'x'.repeat(300)),
)
const headerValue = (types: readonly string[]) =>
  fc.oneof(
    known.map(utf8),
    fc.constantFrom(...types, 'Unknown', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '2.0').map(utf8),
    oddText.map(utf8),
    bytes,
  )

/** One record of one of these topics. */
export function hostileRecords(topics: readonly PublishedTopic[]): fc.Arbitrary<Sent> {
  const types = topics.flatMap(topic => topic.types.map(({ type }) => type))
  const messages = topics.flatMap(topic => topic.types)
  const headers = fc.array(fc.record({ name: headerName, value: headerValue(types) }), { maxLength: 3 })
  const key = fc.oneof({ weight: 4, arbitrary: known.map(utf8) }, { weight: 1, arbitrary: bytes }, fc.constant(null))
  return fc.oneof(
    ...topics.map(({ topic, types: here }) =>
      fc
        .oneof(
          { weight: 9, arbitrary: fc.constantFrom(...here) },
          { weight: 1, arbitrary: fc.constantFrom(...messages) },
        )
        .chain(message => fc.record({ topic: fc.constant(topic), key, value: valueOf(message), headers }))
        .map(readable),
    ),
  )
}

/** As a failure shows it: what is text as text. */
function readable(sent: Sent): Sent {
  const text = (bytes: Uint8Array | null) => bytes && (isUtf8(bytes) ? Buffer.from(bytes).toString() : [...bytes])
  const headers = sent.headers.map(({ name, value }) => [name, text(value)])
  const shown = JSON.stringify({ ...sent, key: text(sent.key), value: text(sent.value), headers })
  return Object.assign({ ...sent }, { [fc.toStringMethod]: () => shown })
}
