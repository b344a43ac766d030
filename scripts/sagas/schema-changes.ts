/**
 * Whether a schema still takes, and keeps, all that another one took: messages of the older shape are on their way, and
 * among the dead letters. What it cannot compare counts as a change. Pure.
 */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Said for a reader, and of no account to a message. */
const NOTES = ['$schema', '$id', 'title', 'description', 'examples', 'default', 'deprecated']
/** `[keyword, +1 if a larger number takes less]`. Of numbers see `bounds`. */
const SIZES = [
  ['minLength', 1],
  ['maxLength', -1],
  ['minItems', 1],
  ['maxItems', -1],
  ['minProperties', 1],
  ['maxProperties', -1],
] as const
const COMPARED: ReadonlySet<string> = new Set(
  'type enum const minimum maximum exclusiveMinimum exclusiveMaximum pattern format required properties additionalProperties items anyOf oneOf'
    .split(' ')
    .concat(SIZES.map(([name]) => name)),
)

/** A sentence for each thing that `after` refuses or drops, and `before` did not; none: it takes everything. */
export function narrowed(before: JsonSchema, after: JsonSchema, path = 'data'): string[] {
  if (canonical(before) === canonical(after)) return []
  const [was, is] = [alternatives(before), alternatives(after)]
  const [one, other] = [was[0], is[0]]
  if (was.length === 1 && is.length === 1 && one && other) return narrowedAlternative(one, other, path)
  return was
    .filter(alternative => !is.some(taken => narrowedAlternative(alternative, taken, path).length === 0))
    .map(alternative => `${path}: ${kindOf(alternative)} is not taken any more`)
}

function narrowedAlternative(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const incomparable = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    keyword =>
      !COMPARED.has(keyword) && !NOTES.includes(keyword) && canonical(before[keyword]) !== canonical(after[keyword]),
  )
  return [
    ...incomparable.map(keyword => `${path}: ${keyword} has changed, in a way that cannot be compared`),
    ...types(before, after, path),
    ...values(before, after, path),
    ...bounds(before, after, path),
    ...SIZES.flatMap(([keyword, sign]) => {
      const [from, to] = [before[keyword], after[keyword]] as [number | undefined, number | undefined]
      if (to === undefined || (from !== undefined && sign * to <= sign * from)) return []
      return [`${path}: ${keyword} is ${to} now, and was ${from ?? 'not given'}`]
    }),
    ...['pattern', 'format'].flatMap(keyword =>
      after[keyword] === undefined || after[keyword] === before[keyword]
        ? []
        : [`${path}: ${keyword} has changed, so that it may take less`],
    ),
    ...fields(before, after, path),
    ...inside('items', before, after, `${path}[]`),
    ...inside('additionalProperties', before, after, `${path}.*`),
  ]
}

function types(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const [was, is] = [typesOf(before), typesOf(after)]
  if (!is) return []
  const gone = (was ?? ['anything']).filter(
    type => !is.includes(type) && !(type === 'integer' && is.includes('number')),
  )
  return gone.length > 0 ? [`${path}: was ${gone.join(' or ')}, and is ${is.join(' or ')} now`] : []
}

/** `enum` and `const`. */
function values(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const [was, is] = [valuesOf(before), valuesOf(after)]
  if (!is) return []
  if (!was) return [`${path}: takes only ${is.join(', ')} now`]
  return was.filter(value => !is.includes(value)).map(value => `${path}: ${value} is not taken any more`)
}

/** Of numbers, each with its exclusive twin. */
function bounds(before: JsonSchema, after: JsonSchema, path: string): string[] {
  return (
    [
      ['minimum', 'exclusiveMinimum', 1],
      ['maximum', 'exclusiveMaximum', -1],
    ] as const
  ).flatMap(([inclusive, exclusive, sign]) => {
    const to = boundOf(after, inclusive, exclusive, sign)
    if (!to) return []
    const from = boundOf(before, inclusive, exclusive, sign)
    const holds = from && (sign * from.at > sign * to.at || (from.at === to.at && (from.exclusive || !to.exclusive)))
    if (holds) return []
    return [`${path}: ${to.exclusive ? exclusive : inclusive} is ${to.at} now, and was ${from?.at ?? 'not given'}`]
  })
}

/** The stricter of the two. */
function boundOf(schema: JsonSchema, inclusive: string, exclusive: string, sign: 1 | -1) {
  const [closed, open] = [schema[inclusive], schema[exclusive]] as [number | undefined, number | undefined]
  if (closed === undefined && open === undefined) return undefined
  const isOpen = open !== undefined && (closed === undefined || sign * open >= sign * closed)
  return isOpen ? { at: open, exclusive: true } : { at: closed as number, exclusive: false }
}

function fields(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const [was, is] = [propertiesOf(before), propertiesOf(after)]
  const [others, othersNow] = [othersOf(before), othersOf(after)]
  const needed = (before['required'] ?? []) as readonly string[]
  const needs = (after['required'] ?? []) as readonly string[]
  return [
    ...Object.entries(was).flatMap(([name, field]) => {
      const now = is[name] ?? othersNow
      return now ? narrowed(field, now, `${path}.${name}`) : [`${path}.${name}: is gone, so what it held is dropped`]
    }),
    ...Object.entries(is).flatMap(([name, field]) =>
      others && !was[name] ? narrowed(others, field, `${path}.${name}`) : [],
    ),
    ...needs
      .filter(name => !needed.includes(name))
      .map(name => `${path}.${name}: is required now, and ${was[name] ? 'was optional' : 'is new'}`),
  ]
}

/** What a field without a name of its own may hold; undefined: it is left out, or refused. */
function othersOf({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  if (additionalProperties === true) return {}
  return typeof additionalProperties === 'object' ? (additionalProperties as JsonSchema) : undefined
}

function inside(keyword: 'items' | 'additionalProperties', before: JsonSchema, after: JsonSchema, path: string) {
  const [was, is] = [before[keyword], after[keyword]]
  if (is === undefined || is === true || canonical(is) === canonical({})) return []
  if (is === false) return was === false ? [] : [`${path}: nothing else is taken any more`]
  if (was === false) return []
  return narrowed(typeof was === 'object' ? (was as JsonSchema) : {}, is as JsonSchema, path)
}

/** Each on its own, with what stands beside the list. */
function alternatives(schema: JsonSchema): JsonSchema[] {
  const { anyOf, oneOf, ...rest } = schema
  const list = (anyOf ?? oneOf) as readonly JsonSchema[] | undefined
  return list ? list.flatMap(one => alternatives({ ...rest, ...one })) : [schema]
}

const propertiesOf = (schema: JsonSchema) => (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
const typesOf = ({ type }: JsonSchema) => (type === undefined ? undefined : ([type].flat() as string[]))
const valuesOf = (schema: JsonSchema): string[] | undefined =>
  (schema['const'] === undefined ? (schema['enum'] as unknown[] | undefined) : [schema['const']])?.map(value =>
    JSON.stringify(value),
  )
const kindOf = (schema: JsonSchema) => valuesOf(schema)?.join(', ') ?? typesOf(schema)?.join(' or ') ?? 'an alternative'

/** The same text for the same schema, whatever the order of its keys; without notes. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ) ?? ''
