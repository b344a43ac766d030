/** What can be wrong with a catalog, in sentences with what to do about it. */
import type { Catalog } from './catalog.ts'
import { findDoubleDeclarations } from './declaration-checks.ts'
import type { MessageType } from '../model/messages.ts'
import { CONTROL_TOPIC, controlMessages } from '../saga/control-messages.ts'
import { type Member, repliesOf, versionsOf } from './wiring-members.ts'
import type { Place } from './wiring-places.ts'
import { badRepublishing } from './wiring-republish-checks.ts'

export const findProblems = (
  catalog: Catalog,
  members: readonly Member[],
  places: ReadonlyMap<string, Place>,
): string[] => [
  ...sameNames(members),
  ...sameSagas(catalog),
  ...sameAggregates(catalog),
  ...sameMessages(catalog, members),
  ...unhandled(catalog, members),
  ...handledTwice(members),
  ...unpublishedReplies(catalog),
  ...unpublished(catalog, members),
  ...misplaced(places),
  ...ambiguous(members, places),
  ...sameRoutes(members),
  ...findDoubleDeclarations(catalog, members),
  ...badSchedules(members),
  ...badRepublishing(catalog),
]

function sameNames(members: readonly Member[]): string[] {
  return twice(members, member => member.name).map(
    ([name, of]) => `two functions are named '${name}' (${of.map(member => member.entry).join(', ')}): rename one`,
  )
}

function sameSagas({ domains }: Catalog): string[] {
  const sagas = domains.flatMap(domain => domain.sagas.map(saga => ({ domain, saga })))
  return twice(sagas, ({ saga }) => `${saga.name} version ${saga.version}`).map(
    ([saga]) => `saga ${saga} is listed twice: list each version once`,
  )
}

/** The aggregate's type begins the ids of all that it publishes, and the ids must not meet (the design's rule 1). */
function sameAggregates({ domains }: Catalog): string[] {
  const aggregates = domains.flatMap(domain => [
    ...domain.services.flatMap(({ name, aggregate }) =>
      aggregate ? [{ by: `service '${name}'`, type: aggregate.type, table: aggregate.table.name }] : [],
    ),
    ...versionsOf(domain.sagas).map(([{ name }]) => ({ by: `saga '${name}'`, type: `${name}-saga`, table: undefined })),
  ])
  return [
    ...twice(aggregates, ({ type }) => type).map(
      ([type, of]) => `${list(of.map(({ by }) => by))} have aggregates of one type, '${type}': give each its own`,
    ),
    ...twice(
      aggregates.filter(({ table }) => table !== undefined),
      ({ table }) => table ?? '',
    ).map(
      ([table, of]) =>
        `${list(of.map(({ by }) => by))} both keep their aggregate in the table '${table}': give each its own`,
    ),
  ]
}

function sameMessages(catalog: Catalog, members: readonly Member[]): string[] {
  const all = new Map<string, MessageType>()
  const problems = new Set<string>()
  for (const { handles, publishes, couldPublish } of [...members, ...catalog.domains.map(endsOf)]) {
    for (const message of [...handles, ...publishes, ...couldPublish]) {
      const known = all.get(message.type)
      if (known && !sameShape(known, message))
        problems.add(
          `${message.type} is declared twice, with different shapes: declare it in one contract, and import that`,
        )
      all.set(message.type, known ?? message)
    }
  }
  return [...problems]
}
const endsOf = ({ ends = [] }: Catalog['domains'][number]) => ({ handles: ends, publishes: [], couldPublish: [] })
const sameShape = (a: MessageType, b: MessageType) =>
  a === b ||
  (a.kind === b.kind &&
    a.about === b.about &&
    a.idField === b.idField &&
    a.sagaField === b.sagaField &&
    a.schema === b.schema)

/** What is published must be handled, or be meant for others. */
function unhandled({ domains }: Catalog, members: readonly Member[]): string[] {
  const handled = typesOf([
    ...members.flatMap(member => member.handles),
    ...domains.flatMap(domain => domain.ends ?? []),
    // The platform leads on whatever sagas there are; there may be none yet.
    ...(members.some(({ saga }) => saga !== undefined) ? [] : controlMessages),
  ])
  const outgoing = new Map<string, { message: MessageType; by: string[] }>()
  for (const { name, publishes } of members)
    for (const message of publishes)
      outgoing.set(message.type, { message, by: [...(outgoing.get(message.type)?.by ?? []), name] })
  return [...outgoing.values()]
    .filter(({ message }) => !handled.has(message.type))
    .map(({ message, by }) =>
      message.kind === 'command'
        ? `${message.type} is sent by ${list(by)}, but no service handles it: add it to what its aggregate handles, or list the service in the catalog`
        : `${message.type} is published by ${list(by)}, but nobody handles it: let a service or a saga handle it, or list it in the domain's \`ends\` if it is meant for others`,
    )
}

/** A command is answered by one. */
function handledTwice(members: readonly Member[]): string[] {
  const control = typesOf(controlMessages)
  const consumers = members.flatMap(({ name, handles }) =>
    handles.filter(({ kind, type }) => kind === 'command' && !control.has(type)).map(({ type }) => ({ name, type })),
  )
  return twice(consumers, ({ type }) => type).map(
    ([type, of]) =>
      `${type} is a command, but ${list(of.map(({ name }) => name))} handle it: one service answers a command, others may handle its replies`,
  )
}

function unpublishedReplies({ domains }: Catalog): string[] {
  return domains
    .flatMap(domain => domain.services)
    .flatMap(({ name, aggregate }) => {
      if (!aggregate) return []
      const publishes = typesOf([...aggregate.publishes, ...(aggregate.appends ?? [])])
      return aggregate.handles.flatMap(message =>
        repliesOf(message)
          .filter(reply => !publishes.has(reply.type))
          .map(
            reply =>
              `service '${name}' handles ${message.type} but does not publish its reply ${reply.type}: add it to what its aggregate publishes`,
          ),
      )
    })
}

/** What comes over HTTP is published by a change feed. */
function unpublished({ domains }: Catalog, members: readonly Member[]): string[] {
  return domains
    .flatMap(domain => domain.services)
    .flatMap(({ name, http, aggregate }) =>
      (http?.publishes ?? []).flatMap(message => {
        if (!aggregate)
          return [
            `service '${name}' publishes ${message.type} over HTTP but has no aggregate whose change feed could publish it`,
          ]
        const relay = members.find(
          ({ feeds, publishes }) =>
            feeds.some(table => table.name === aggregate.table.name) && typesOf(publishes).has(message.type),
        )
        return relay
          ? []
          : [
              `nobody publishes ${message.type} from the change feed of '${aggregate.table.name}': give a platform function \`relaysHttp\`, or list the table in its \`feeds\` and the message in its \`publishes\``,
            ]
      }),
    )
}

function misplaced(places: ReadonlyMap<string, Place>): string[] {
  const control = typesOf(controlMessages)
  return [...places].flatMap(([type, { topics }]) => {
    const [topic, other] = topics
    if (topic === undefined)
      return [
        `a platform function publishes ${type}, but no domain handles or publishes it: remove it, or list it in a domain's \`ends\``,
      ]
    if (other !== undefined)
      return [
        `${type} would be published on ${list(topics)}, as two domains answer for it: let one of them publish it, or give both the same topicOf`,
      ]
    if (topic === CONTROL_TOPIC && !control.has(type))
      return [`${type} would be published on ${CONTROL_TOPIC}, which is the orchestrators' own: rename its aggregate`]
    if (!/^[A-Za-z0-9._-]{1,200}$/.test(topic) || topic.endsWith('.dlq'))
      return [
        `${type} would be published on '${topic}': a topic has 1 to 200 letters, digits, dots, dashes and underscores, and does not end with .dlq`,
      ]
    return []
  })
}

/** A function finds a topic by what a message is about and its kind. */
function ambiguous(members: readonly Member[], places: ReadonlyMap<string, Place>): string[] {
  return members.flatMap(({ name, publishes, couldPublish }) => {
    const topics = new Map<string, Set<string>>()
    for (const { about, kind, type } of [...publishes, ...couldPublish]) {
      const key = `${kind}s about '${about}'`
      topics.set(key, new Set([...(topics.get(key) ?? []), ...(places.get(type)?.topics.slice(0, 1) ?? [])]))
    }
    return [...topics]
      .filter(([, of]) => of.size > 1)
      .map(
        ([key, of]) =>
          `${name} would publish ${key} on ${list([...of])}: domains that share an aggregate must share its topic`,
      )
  })
}

function sameRoutes(members: readonly Member[]): string[] {
  const routes = members.flatMap(({ name, routes }) =>
    routes.map(({ method, path }) => ({ name, route: `${method} ${path}` })),
  )
  return twice(routes, ({ route }) => route.replaceAll(/\{[^}]*\}/g, '{}')).map(
    ([, of]) => `${list(of.map(({ name, route }) => `${name} (${route})`))} claim one route: change one path`,
  )
}

const badSchedules = (members: readonly Member[]) =>
  members
    .filter(({ everySeconds }) => everySeconds !== undefined && !(Number.isInteger(everySeconds) && everySeconds > 0))
    .map(({ name, everySeconds }) => `${name} is to run every ${everySeconds} seconds: give it a whole number from 1`)

const typesOf = (messages: readonly MessageType[]): ReadonlySet<string> =>
  new Set(messages.map(message => message.type))

/** What shares its key with another, by key. */
function twice<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  return Object.entries(Object.groupBy(items, keyOf)).flatMap(([key, of = []]) => (of.length > 1 ? [[key, of]] : []))
}

const list = (names: readonly string[]) => [...names.slice(0, -2), names.slice(-2).join(' and ')].join(', ')
