import { type Catalog, isWrite } from './catalog.ts'
import type { Choreography } from '../choreography/choreography.ts'
import { CONTROL_TOPIC } from '../saga/control-messages.ts'
import { membersOf } from './wiring-members.ts'
import { readCatalog, type WiredFunction, type Wiring } from './wiring.ts'

/**
 * Who publishes what to whom, as a Mermaid flowchart: one arrow for each topic between two functions. Of a `domain` alone: its
 * functions, and whom they speak with.
 */
export function wiringDiagram(catalog: Catalog, domain?: string): string {
  const wiring = domain === undefined ? readCatalog(catalog) : seenFrom(domain, catalog)
  const shapes = { consumer: ['[', ']'], http: ['([', '])'], platform: ['[[', ']]'] } as const
  const lines = [
    'flowchart LR',
    ...wiring.functions.map(({ name, kind, everySeconds }) => {
      const [open, close] = shapes[kind]
      return `  ${idOf(name)}${open}"${name}${everySeconds === undefined ? '' : `<br/>every ${everySeconds} s`}"${close}`
    }),
    ...drawn(wiring).map(
      ({ from, to, topic, types }) => `  ${idOf(from)} -- "${[topic, ...types].join('<br/>')}" --> ${idOf(to)}`,
    ),
    ...fed(wiring).map(({ from, to, table }) => `  ${idOf(from)} -. "change feed of ${table}" .-> ${idOf(to)}`),
    ...outside(wiring).map(
      ({ to, topic, types }) => `  outside(("others")) -- "${[topic, ...types].join('<br/>')}" --> ${idOf(to)}`,
    ),
    ...ends(wiring).map(
      ({ from, topic, types }) => `  ${idOf(from)} -- "${[topic, ...types].join('<br/>')}" --> outside(("others"))`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

function seenFrom(domain: string, catalog: Catalog): Wiring {
  const wiring = readCatalog(catalog)
  const own = new Set(
    membersOf(catalog)
      .filter(member => member.domain?.name === domain)
      .map(({ name }) => name),
  )
  const isOwn = (name: string) => own.has(name)
  const messages = wiring.messages
    .filter(({ publishedBy, handledBy }) => [...publishedBy, ...handledBy].some(isOwn))
    .map(({ publishedBy, handledBy, ...message }) => ({
      ...message,
      // What others publish for others is not this domain's.
      publishedBy: handledBy.some(isOwn) ? publishedBy : publishedBy.filter(isOwn),
      handledBy: publishedBy.some(isOwn) ? handledBy : handledBy.filter(isOwn),
    }))
  const near = new Set([...own, ...messages.flatMap(({ publishedBy, handledBy }) => [...publishedBy, ...handledBy])])
  return { ...wiring, messages, functions: wiring.functions.filter(({ name }) => near.has(name)) }
}

/** What each message sets off, and by whom, as a Mermaid flowchart. */
export function choreographyDiagram({ startsWith, endsWith, reactions }: Choreography): string {
  const outgoing = new Set([
    startsWith.type,
    ...reactions.flatMap(({ publishes }) => publishes.map(({ type }) => type)),
  ])
  const ends = new Set(endsWith.map(({ type }) => type))
  const nodes = [...new Set([...reactions.map(({ on }) => on.type), ...outgoing])].map(type =>
    ends.has(type)
      ? `  ${type}((("${type}")))`
      : outgoing.has(type)
        ? `  ${type}(["${type}"])`
        : `  ${type}["${type}"]`,
  )
  const arrows = reactions.flatMap(({ by, on, publishes }) =>
    publishes.map(({ type }) => `  ${on.type} -- "${by}" --> ${type}`),
  )
  return `${['flowchart LR', ...nodes, ...arrows].join('\n')}\n`
}

interface Arrow {
  readonly from: string
  readonly to: string
  readonly topic: string
  readonly types: readonly string[]
}

const drawn = ({ messages }: Wiring): Arrow[] =>
  grouped(
    messages.flatMap(({ type, topic, publishedBy, handledBy }) =>
      publishedBy.flatMap(from => handledBy.map(to => ({ from, to, topic, type }))),
    ),
  )

/** What comes from outside: handled, and published by none of ours. */
const outside = ({ messages }: Wiring): Arrow[] =>
  grouped(
    messages
      .filter(({ publishedBy, topic }) => publishedBy.length === 0 && topic !== CONTROL_TOPIC)
      .flatMap(({ type, topic, handledBy }) => handledBy.map(to => ({ from: '', to, topic, type }))),
  )

/** What is meant for others: published, and handled by none of ours. */
const ends = ({ messages }: Wiring): Arrow[] =>
  grouped(
    messages
      .filter(({ handledBy }) => handledBy.length === 0)
      .flatMap(({ type, topic, publishedBy }) => publishedBy.map(from => ({ from, to: '', topic, type }))),
  )

/** Who writes a table whose change feed is read: HTTP functions where a relay reads it, everybody where it is an event store. */
const fed = ({ functions }: Wiring) =>
  functions.flatMap(reader => [
    ...reader.feeds.flatMap(({ name }) =>
      functions
        .filter(fn => fn.kind === 'http' && writes(fn, name))
        .map(fn => ({ from: fn.name, to: reader.name, table: name })),
    ),
    ...reader.streams.flatMap(({ name }) =>
      functions.filter(fn => writes(fn, name)).map(fn => ({ from: fn.name, to: reader.name, table: name })),
    ),
  ])
const writes = ({ tables }: WiredFunction, name: string) =>
  tables.some(({ table, use }) => table.name === name && use.some(isWrite))

function grouped(outgoing: readonly (Omit<Arrow, 'types'> & { type: string })[]): Arrow[] {
  const arrows = new Map<string, Omit<Arrow, 'types'> & { types: string[] }>()
  for (const { from, to, topic, type } of outgoing) {
    const key = [from, to, topic].join(' ')
    const arrow = arrows.get(key) ?? { from, to, topic, types: [] }
    arrow.types.push(type)
    arrows.set(key, arrow)
  }
  return [...arrows.values()]
}

/** Mermaid's ids have no dashes. */
const idOf = (name: string) => name.replaceAll('-', '_')
