import type { AnyAggregate, Table } from '../model/aggregate.ts'
import type { Choreography } from '../choreography/choreography.ts'
import type { ProblemName } from './problems.ts'
import type { MessageType, Reaction, Schema } from '../model/messages.ts'
import type { TopicOf } from '../delivery/topics.ts'
import type { SagaDefinition } from '../saga/definition.ts'
import type { Pending, Republish } from '../saga/republish.ts'

/** All that is deployed. `wiring.ts` derives topics, event sources, grants, routes and diagrams from it. */
export interface Catalog {
  readonly domains: readonly Domain[]
  readonly platform: readonly PlatformFunction[]
}

/** Services and sagas that speak with each other, and where they do. */
export interface Domain {
  readonly name: string
  /** The topic of each message: one line for each wiring (`delivery/topics.ts`). */
  readonly topicOf: TopicOf
  readonly services: readonly Service[]
  /** Each is run by the function `<saga>-saga`, `lambdas/sagas/<saga>/handler.ts`. */
  readonly sagas: readonly SagaDefinition[]
  /** Event sourcing: what drives its sagas, in the place of the events' topic. */
  readonly eventStore?: {
    readonly table: Table
    /** All that a stream holds. Each goes out on its topic when it is handled. */
    readonly events: readonly MessageType[]
  }
  /** Settings that its sagas' functions read from their environment. */
  readonly sagaEnvironment?: readonly string[]
  /** What its services do without one: for diagrams and documents, as their aggregates list it all. */
  readonly choreographies?: readonly Choreography[]
  /** Messages that are published for others than ours: nobody here has to handle them. */
  readonly ends?: readonly MessageType[]
}

/** What no domain owns: `lambdas/platform/<name>/handler.ts`. */
export interface PlatformFunction {
  readonly name: string
  /** Runs by the clock, in seconds. A minute is the shortest in AWS. */
  readonly everySeconds?: number
  /** The tables whose change feed it reads, filtered to what came over HTTP (`via`). */
  readonly feeds?: readonly Table[]
  /** It reads the feeds of all services whose HTTP functions publish, and publishes that: neither need be listed. */
  readonly relaysHttp?: boolean
  /** It publishes again what services declare as pending (`republish`), from their tables: neither need be listed. */
  readonly republishes?: boolean
  readonly publishes: readonly MessageType[]
  readonly tables: readonly FunctionTables[]
  /**
   * It reads every dead-letter topic, each in a group of its own, and may publish to every topic. Its event sources give
   * nothing up, as there is nowhere to give it to: what they fail on is tried until it works.
   */
  readonly handlesDeadLetters?: boolean
  /** It is told of every consumer and the topics that it reads, in the variable `CONSUMERS`. */
  readonly listsConsumers?: boolean
  /** It answers routes, and runs by nothing else. What it commits with `aggregate`, the change feed publishes. */
  readonly http?: {
    readonly routes: readonly Route[]
    readonly aggregate?: AnyAggregate
    readonly publishes?: readonly MessageType[]
    /** Operators publish again there what services' last commits published (`republish` of an aggregate): neither their tables nor their messages need be listed. */
    readonly mendsMessages?: boolean
  }
  /** Settings that it reads from its environment beside tables and Kafka. */
  readonly environment?: readonly string[]
  /** It calls addresses of the internet: in a network of ours it gets a way out. Without this it has none. */
  readonly callsInternet?: boolean
}

/**
 * A route of the REST API. Every route but `/health` needs a token; who may do what is checked by the function. What is
 * optional here is what the documents need (`npm run docs`, which requires it), and what `serve` carries out.
 */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** As API Gateway spells it: `/orders/{orderId}`. */
  readonly path: string
  /** `placeOrder`: unique in the API. */
  readonly name?: string
  /** What it does, in one sentence. */
  readonly summary?: string
  /** What else a caller should know. */
  readonly description?: string
  /** Left out: operators alone. */
  readonly callers?: Callers
  /** Of the request, as JSON. */
  readonly body?: Schema<unknown>
  /** Parameters of the path that are no ids of ours, by their names. */
  readonly params?: Readonly<Record<string, Schema<unknown>>>
  /** Request headers that it reads. */
  readonly headers?: readonly HeaderField[]
  /** Query parameters that it reads beside those. */
  readonly query?: readonly HeaderField[]
  /** It takes `limit` and `cursor`. */
  readonly pages?: boolean
  readonly answers?: readonly RouteAnswer[]
  /** What can be wrong beside what follows from the rest: a token that is missing, a body that is invalid, an id that is unknown. */
  readonly problems?: readonly ProblemName[]
}

/**
 * Who may call a route with a valid token. `operators`: others get 403. `owner`: who made what the path names, anybody else
 * gets 404; a list holds what is the caller's own. `owner-or-operators`: operators may see it too. `anyone`: with a token.
 */
export type Callers = 'operators' | 'owner' | 'owner-or-operators' | 'anyone'

export interface HeaderField {
  readonly name: string
  readonly description: string
  readonly schema: Schema<unknown>
}

/** What a route answers when all is well. */
export interface RouteAnswer {
  readonly status: 200 | 201 | 202
  readonly description: string
  readonly schema: Schema<unknown>
  /** Beside `x-request-id`, which every answer has. */
  readonly headers?: readonly HeaderField[]
}

/** What a function may do with a table; the grants are derived from it (`lib/constructs/table-grants.ts`). */
export type TableUse =
  /** Items by their keys. */
  | 'read'
  /** Items by a partition of the table, or of one of its indexes: `query:byCustomer`. */
  | 'query'
  | `query:${string}`
  /** One item, new or changed: an HTTP function's, one that is committed with something alongside, or a new one alongside. */
  | 'put'
  /** New items, many in a call. */
  | 'insert'
  /** Changed items, many in a call. */
  | 'update'
  /** Numbers of an item, alongside another's commit. */
  | 'add'
  /** Rows that a commit caused, over whatever is there. */
  | 'rows'

/** What a consumer usually does with its aggregates: a batch of them at once. */
export const aggregateUse = ['read', 'insert', 'update'] as const satisfies readonly TableUse[]

export const isWrite = (use: TableUse) => use !== 'read' && !use.startsWith('query')

export interface FunctionTables {
  readonly table: Table
  readonly use: readonly TableUse[]
}

/** A service: a Kafka consumer (`handler.ts`), an HTTP function (`http.ts`), or both, in `lambdas/services/<name>/`. */
export interface Service {
  readonly name: string
  /** What its consumer handles; left out for a service that is only HTTP. */
  readonly aggregate?: AnyAggregate
  /**
   * What its consumer does with the aggregate's own table: `aggregateUse` unless given. What is committed with something
   * alongside goes in a transaction: who never inserts, or never updates, without has no need to do that many at once.
   */
  readonly aggregateUse?: readonly TableUse[]
  /** Tables that its decisions read or change beside the aggregate's own. */
  readonly alsoUses?: readonly FunctionTables[]
  /** Its HTTP function: routes and the tables that they touch. `publishes`: what the change feed publishes for it. */
  readonly http?: {
    readonly routes: readonly Route[]
    readonly tables: readonly FunctionTables[]
    readonly publishes?: readonly MessageType[]
    /** What waits for its saga to begin: published again when the change feed has lost it. */
    readonly republish?: Republish
    /** Settings of its own beside tables. */
    readonly environment?: readonly string[]
    /** Like the service's own, for its HTTP function. */
    readonly callsInternet?: boolean
  }
  /** Settings that the function reads from its environment beside tables and Kafka: `PAYMENT_PROVIDER_URL`. */
  readonly environment?: readonly string[]
  /**
   * Its consumer calls addresses of the internet, such as a payment provider's: in a network of ours it gets a way out.
   * Without this it has none. Of a service that is only HTTP, its HTTP function.
   */
  readonly callsInternet?: boolean
}

/** The sagas' names, each once however many versions of it are listed. */
export const sagaNamesOf = ({ domains }: Pick<Catalog, 'domains'>): string[] => [
  ...new Set(domains.flatMap(({ sagas }) => sagas.map(({ name }) => name))),
]

/** The aggregates that are changed over HTTP and publish something then: the change feeds of their tables are published. */
export const relayedOf = ({
  domains,
  platform,
}: Catalog): { aggregate: AnyAggregate; publishes: readonly MessageType[] }[] =>
  [
    ...domains.flatMap(({ services }) => services).map(({ aggregate, http }) => ({ aggregate, ...http })),
    ...platform.flatMap(({ http }) => http ?? []).map(http => ({ ...http, aggregate: alsoPublishing(http, domains) })),
  ].flatMap(({ aggregate, publishes = [] }) => (aggregate && publishes.length > 0 ? [{ aggregate, publishes }] : []))

/** The services whose messages can be mended: their aggregates say how these follow from their state. */
export const mendableOf = ({ domains }: Pick<Catalog, 'domains'>): { name: string; aggregate: AnyAggregate }[] =>
  domains
    .flatMap(({ services }) => services)
    .flatMap(({ name, aggregate }) =>
      aggregate?.republish && aggregate.publishes.length > 0 ? [{ name, aggregate }] : [],
    )

/** Whoever mends messages publishes what is not its own. */
const alsoPublishing = (
  { aggregate, mendsMessages }: NonNullable<PlatformFunction['http']>,
  domains: readonly Domain[],
): AnyAggregate | undefined =>
  aggregate && mendsMessages
    ? {
        ...aggregate,
        publishes: [...aggregate.publishes, ...mendableOf({ domains }).flatMap(one => one.aggregate.publishes)],
      }
    : aggregate

/** What services declare as pending, with the sagas that it is to begin, of whichever domain. */
export const pendingOf = ({ domains }: Pick<Catalog, 'domains'>): (Pending & { publishes: readonly MessageType[] })[] =>
  domains.flatMap(({ services, eventStore }) =>
    services.flatMap(({ aggregate, http: { republish, publishes = [] } = {} }) => {
      if (!aggregate || !republish) return []
      const first = [...publishes, ...(eventStore?.events ?? [])]
      const begun = domains.flatMap(({ sagas }) => sagas).filter(({ startsWith }) => first.includes(startsWith))
      const sagas = [...new Set(begun.map(({ name }) => name))]
      return [{ aggregate, republish, sagas, byEventStore: eventStore !== undefined, publishes }]
    }),
  )

export type { Reaction }
