/**
 * The one reader of the catalog: which function handles what on which topic, publishes what where, and may touch which table.
 * Stacks, the local runtime and diagrams are made from what it gives; nothing else decides who talks to whom.
 */
import type { Table } from '../model/aggregate.ts'
import type { Catalog, FunctionTables, Route } from './catalog.ts'
import type { MessageType } from '../model/messages.ts'
import { deadLetterTopicOf, nameOfTopic, type TopicNames } from '../delivery/topics.ts'
import { findProblems } from './wiring-checks.ts'
import { type Member, membersOf, mergeTables } from './wiring-members.ts'
import { placesOf } from './wiring-places.ts'

export interface Wiring {
  /** As the deployment calls them, without the environment's prefix, and without their dead-letter topics (`deadLetterTopicOf`). */
  readonly topics: readonly string[]
  readonly tables: readonly Table[]
  readonly functions: readonly WiredFunction[]
  /** Every message that the catalog knows, by type. */
  readonly messages: readonly WiredMessage[]
}

export interface WiredFunction {
  readonly name: string
  /** Its source file, from the repository's root. */
  readonly entry: string
  readonly kind: 'consumer' | 'http' | 'platform'
  /** The saga that it orchestrates. */
  readonly saga?: string
  /** One for each topic that it consumes. */
  readonly sources: readonly Source[]
  /** The dead-letter topics that it reads: all there are, or none. */
  readonly deadLetterTopics?: readonly string[]
  /** What it lists: the topics of each consumer of the catalog, by the function's name. */
  readonly consumers?: Readonly<Record<string, readonly string[]>>
  /** The topics that it may write to, beside `<topic>.dlq` of each source. */
  readonly publishesTo: readonly string[]
  /** The same by what is published: `product.event` → `products-events`. */
  readonly publishes: Readonly<Record<string, string>>
  readonly tables: readonly FunctionTables[]
  readonly routes: readonly Route[]
  /** It runs by the clock. */
  readonly everySeconds?: number
  /** The tables whose change feed it reads, filtered to `publishByChangeFeed`. */
  readonly feeds: readonly Table[]
  /** What it finds that has waited for a saga for long: `orders`. It counts `ordersWithoutSaga`. */
  readonly findsWithoutSaga?: readonly string[]
  /** The event stores that drive it: every event that is appended triggers it. */
  readonly streams: readonly Table[]
  /** Settings beside tables and Kafka: `PAYMENT_PROVIDER_URL`. */
  readonly environment: readonly string[]
  /** It was declared to call addresses of the internet. */
  readonly callsInternet?: boolean
}

export interface Source {
  readonly topic: string
  /** What it handles there. */
  readonly types: readonly string[]
  /** What others handle there: it ignores these. */
  readonly others: readonly string[]
  /** What it handles, and another before it does too: that one sends what is wrong with such a message to the dead letters. */
  readonly reportedByOthers?: readonly string[]
  /**
   * What nobody knows goes to the dead letters through it. The first of the topic's
   * consumers in the order of the catalog, a domain's services before its sagas.
   */
  readonly owner: boolean
}

export interface WiredMessage {
  /** Its contract. */
  readonly message: MessageType
  readonly type: string
  readonly kind: MessageType['kind']
  readonly topic: string
  /** Functions, in the catalog's order. Nobody: it comes from outside, or is an end. */
  readonly publishedBy: readonly string[]
  readonly handledBy: readonly string[]
}

/**
 * `names`: what the deployment calls topics; everything that is derived has those names, so that functions, event
 * sources and grants know no others. Throws a CatalogError that lists all that is wrong, each with its remedy.
 */
export function readCatalog(catalog: Catalog, names: TopicNames = {}): Wiring {
  const members = membersOf(catalog)
  const places = placesOf(catalog, members)
  const problems = findProblems(catalog, members, places)
  if (problems.length > 0) throw new CatalogError(problems)

  const topicOf = (type: string) => nameOfTopic(places.get(type)?.topics[0] ?? '', names)
  const messages = [...places.values()]
    .map(({ message }) => ({
      message,
      type: message.type,
      kind: message.kind,
      topic: topicOf(message.type),
      publishedBy: namesOf(members, member => member.publishes, message),
      handledBy: namesOf(members, member => member.handles, message),
    }))
    .sort((a, b) => compare(a.topic, b.topic) || compare(a.type, b.type))
  const owners = new Map<string, string>()
  for (const { name, handles } of members)
    for (const topic of handles.map(message => topicOf(message.type))) if (!owners.has(topic)) owners.set(topic, name)

  const topics = [...new Set(messages.map(message => message.topic))]
  const known = { messages, owners, topics, topicOf }
  const consumers = Object.fromEntries(
    members.flatMap(({ name, handles }) => (handles.length > 0 ? [[name, topicsRead(handles, known)]] : [])),
  )
  const functions = members.map(member => ({
    ...wired(member, known),
    ...(member.listsConsumers && { consumers }),
  }))
  return {
    topics,
    tables: mergeTables(
      functions.flatMap(fn => [...fn.tables, ...[...fn.feeds, ...fn.streams].map(table => ({ table, use: [] }))]),
    ).map(({ table }) => table),
    functions,
    messages,
  }
}

/** What is wrong with a catalog. Thrown before anything is synthesized or started. */
export class CatalogError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The catalog cannot be wired:\n${problems.map(problem => `- ${problem}`).join('\n')}`)
    this.name = 'CatalogError'
    this.problems = problems
  }
}

interface Known {
  readonly messages: readonly WiredMessage[]
  /** Topic → the function that owns it. */
  readonly owners: ReadonlyMap<string, string>
  readonly topics: readonly string[]
  readonly topicOf: (type: string) => string
}

function wired(member: Member, { messages, owners, topics, topicOf }: Known): WiredFunction {
  const { domain: _, handles, publishes, couldPublish, handlesDeadLetters = false, listsConsumers: __, ...fn } = member
  const publishedOn = [...publishes, ...couldPublish].map(
    ({ about, kind, type }) => [`${about}.${kind}`, topicOf(type)] as const,
  )
  return {
    ...fn,
    sources: topicsRead(handles, { topicOf }).map(topic => {
      const there = messages.filter(message => message.topic === topic)
      return {
        topic,
        types: there.filter(message => message.handledBy.includes(fn.name)).map(message => message.type),
        others: there.filter(message => !message.handledBy.includes(fn.name)).map(message => message.type),
        ...reported(there, fn.name),
        owner: owners.get(topic) === fn.name,
      }
    }),
    ...(handlesDeadLetters && { deadLetterTopics: topics.map(deadLetterTopicOf) }),
    publishesTo: [...new Set(handlesDeadLetters ? topics : publishedOn.map(([, topic]) => topic))].sort(compare),
    publishes: Object.fromEntries(publishedOn.sort(([a], [b]) => compare(a, b))),
  }
}

const topicsRead = (handles: readonly MessageType[], { topicOf }: Pick<Known, 'topicOf'>) =>
  [...new Set(handles.map(message => topicOf(message.type)))].sort(compare)

/** The first who handles a message reports it: a dead letter is one, however many handle it. */
function reported(there: readonly WiredMessage[], name: string): Pick<Source, 'reportedByOthers'> {
  const types = there
    .filter(({ handledBy }) => handledBy.includes(name) && handledBy[0] !== name)
    .map(({ type }) => type)
  return types.length > 0 ? { reportedByOthers: types } : {}
}

const namesOf = (members: readonly Member[], list: (member: Member) => readonly MessageType[], { type }: MessageType) =>
  members.filter(member => list(member).some(message => message.type === type)).map(member => member.name)

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
