/** The functions of a catalog with what each handles and publishes, before topics are known. */
import type { Table } from '../model/aggregate.ts'
import {
  aggregateUse,
  type Catalog,
  type Domain,
  type FunctionTables,
  mendableOf,
  pendingOf,
  type PlatformFunction,
  relayedOf,
  type Route,
  type Service,
} from './catalog.ts'
import { commandsOf, orchestratorOf } from '../saga/reactions.ts'
import { consumersTable } from '../delivery/failure-entry.ts'
import { pluralOf } from '../delivery/topics.ts'
import { historyTable, sagasTable } from '../saga/saga-tables.ts'
import type { SagaDefinition } from '../saga/definition.ts'
import type { Command, MessageType } from '../model/messages.ts'
import { controlMessages } from '../saga/control-messages.ts'

/** A function on its way to be wired: what it handles and publishes, before topics are known. */
export interface Member {
  readonly name: string
  readonly entry: string
  readonly kind: 'consumer' | 'http' | 'platform'
  readonly saga?: string
  readonly domain?: Domain
  readonly handles: readonly MessageType[]
  /** What it publishes itself. */
  readonly publishes: readonly MessageType[]
  /** What it could publish as well: the change feed does that for it. Granted, not drawn. */
  readonly couldPublish: readonly MessageType[]
  readonly tables: readonly FunctionTables[]
  readonly routes: readonly Route[]
  readonly everySeconds?: number
  readonly feeds: readonly Table[]
  readonly streams: readonly Table[]
  readonly environment: readonly string[]
  readonly callsInternet?: boolean
  /** It reads every dead-letter topic, and may publish to every topic. */
  readonly handlesDeadLetters?: boolean
  /** It is told of every consumer and what it reads. */
  readonly listsConsumers?: boolean
  /** What it finds that has waited for a saga for long: `orders`. */
  readonly findsWithoutSaga?: readonly string[]
}

const idle = {
  handles: [],
  publishes: [],
  couldPublish: [],
  tables: [],
  routes: [],
  feeds: [],
  streams: [],
  environment: [],
}

/** Every consumer keeps since when it fails and why. */
const keepsFailures: FunctionTables = { table: consumersTable, use: ['read', 'rows'] }

/** Services before sagas, domain by domain, then the platform. */
export const membersOf = (catalog: Catalog): Member[] => [
  ...catalog.domains.flatMap(domain => [
    ...domain.services.flatMap(service => serviceMembers(service).map(member => ({ ...member, domain }))),
    ...versionsOf(domain.sagas).map(versions => ({ ...sagaMember(versions, domain), domain })),
  ]),
  ...catalog.platform.map(fn => platformMember(fn, catalog)),
]

function serviceMembers(service: Service): Member[] {
  const { name, aggregate, http, alsoUses = [], environment = [], callsInternet = false } = service
  const folder = `lambdas/services/${name}`
  const members: Member[] = []
  if (aggregate) {
    const byFeed = http?.publishes ?? []
    const replies = aggregate.handles.flatMap(repliesOf)
    const publishes = aggregate.publishes.filter(message => !byFeed.includes(message) || replies.includes(message))
    members.push({
      ...idle,
      name,
      entry: `${folder}/handler.ts`,
      kind: 'consumer',
      handles: aggregate.handles,
      publishes,
      couldPublish: aggregate.publishes,
      tables: mergeTables([
        { table: aggregate.table, use: service.aggregateUse ?? aggregateUse },
        ...alsoUses,
        keepsFailures,
      ]),
      environment,
      ...(callsInternet && { callsInternet }),
    })
  }
  if (http)
    members.push({
      ...idle,
      name: `${name}-api`,
      entry: `${folder}/http.ts`,
      kind: 'http',
      tables: mergeTables(http.tables),
      routes: http.routes,
      // Settings are the consumer's, where there is one.
      environment: http.environment ?? (aggregate ? [] : environment),
      ...((http.callsInternet ?? (!aggregate && callsInternet)) && { callsInternet: true }),
    })
  return members
}

/** A saga's orchestrator; older versions of its definition are listed beside it while some of them still run. */
function sagaMember(
  versions: readonly [SagaDefinition, ...SagaDefinition[]],
  { eventStore, sagaEnvironment = [] }: Domain,
): Member {
  const [{ name }] = versions
  const commands = [...new Set(versions.flatMap(commandsOf))]
  return {
    ...idle,
    name: orchestratorOf(name),
    entry: `lambdas/sagas/${name}/handler.ts`,
    kind: 'consumer',
    saga: name,
    handles: [...new Set([...(eventStore ? [] : eventsOf(versions, commands)), ...controlMessages])],
    publishes: [...commands, ...(eventStore?.events ?? [])],
    streams: eventStore ? [eventStore.table] : [],
    environment: sagaEnvironment,
    tables: mergeTables([
      { table: sagasTable, use: aggregateUse },
      ...(eventStore ? [{ table: eventStore.table, use: ['query'] as const }] : []),
      ...versions.flatMap(({ history, key }) =>
        history ? [{ table: historyTable(history.table, key), use: ['rows'] as const }] : [],
      ),
      keepsFailures,
    ]),
  }
}

const eventsOf = (versions: readonly SagaDefinition[], commands: readonly Command[]) => [
  ...versions.map(saga => saga.startsWith),
  ...versions.flatMap(saga => (saga.joins ? [saga.joins.with] : [])),
  ...commands.flatMap(repliesOf),
]

/** One that relays publishes what HTTP functions have committed, from the feeds of their tables. */
function platformMember(fn: PlatformFunction, catalog: Catalog): Member {
  const relayed = fn.relaysHttp ? relayedOf(catalog) : []
  const pending = fn.republishes ? pendingOf(catalog) : []
  const mendable = catalog.platform.some(({ http }) => http?.mendsMessages) ? mendableOf(catalog) : []
  const feeds = [...(fn.feeds ?? []), ...relayed.map(({ aggregate }) => aggregate.table)]
  return {
    ...idle,
    name: fn.name,
    entry: `lambdas/platform/${fn.name}/handler.ts`,
    kind: fn.http ? 'http' : 'platform',
    routes: fn.http?.routes ?? [],
    publishes: [...new Set([...fn.publishes, ...[...relayed, ...pending].flatMap(({ publishes }) => publishes)])],
    // What is mended is the services' own, so it is granted and not drawn.
    ...(fn.relaysHttp && { couldPublish: mendable.flatMap(({ aggregate }) => aggregate.publishes) }),
    tables: mergeTables([
      ...fn.tables,
      ...(fn.http?.mendsMessages ? mendable : []).map(({ aggregate: { table } }) => ({
        table,
        use: ['read', 'put'] as const,
      })),
      ...pending.map(({ aggregate: { table }, republish: { index } }) => ({
        table,
        use: ['read', `query:${index.index.name}`] as const,
      })),
    ]),
    ...(fn.republishes && {
      findsWithoutSaga: pending.flatMap(({ aggregate, sagas }) => (sagas.length > 0 ? pluralOf(aggregate.type) : [])),
    }),
    environment: fn.environment ?? [],
    ...(fn.callsInternet && { callsInternet: true }),
    feeds: mergeTables(feeds.map(table => ({ table, use: [] }))).map(({ table }) => table),
    ...(fn.everySeconds !== undefined && { everySeconds: fn.everySeconds }),
    ...(fn.handlesDeadLetters && { handlesDeadLetters: true }),
    ...(fn.listsConsumers && { listsConsumers: true }),
  }
}

/** The sagas of a domain, each with all its versions, the latest first. */
export function versionsOf(sagas: readonly SagaDefinition[]): [SagaDefinition, ...SagaDefinition[]][] {
  const byName = new Map<string, [SagaDefinition, ...SagaDefinition[]]>()
  for (const saga of sagas.toSorted((a, b) => b.version - a.version)) {
    const versions = byName.get(saga.name)
    if (versions) versions.push(saga)
    else byName.set(saga.name, [saga])
  }
  return [...byName.values()]
}

/** Each table once, with everything that is done with it. */
export function mergeTables(tables: readonly FunctionTables[]): FunctionTables[] {
  const merged = new Map<string, FunctionTables>()
  for (const { table, use } of tables) {
    const before = merged.get(table.name)?.use ?? []
    merged.set(table.name, { table, use: [...new Set([...before, ...use])] })
  }
  return [...merged.values()]
}

/** What a message may be answered with. An event is answered with nothing. */
export const repliesOf = (message: MessageType): readonly MessageType[] =>
  isCommand(message) ? [...message.done, ...message.refused] : []

const isCommand = (message: MessageType): message is Command => message.kind === 'command'
