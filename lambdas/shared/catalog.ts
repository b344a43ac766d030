import type { Aggregate, Table } from './aggregate.ts'
import type { Message, Reaction } from './messaging/contract.ts'

/** A route of the REST API. Every route but `/health` needs a token; who may do what is checked by the function. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** As API Gateway spells it: `/orders/{orderId}`. */
  readonly path: string
}

/** What a function may do with a table; the grants are derived from it. */
export type TableUse = 'read' | 'write' | 'query'

export interface FunctionTables {
  readonly table: Table
  readonly use: readonly TableUse[]
}

/** A service: a Kafka consumer (`handler.ts`), an HTTP function (`http.ts`), or both, in `lambdas/services/<name>/`. */
export interface Service {
  readonly name: string
  /** What its consumer handles; left out for a service that is only HTTP. */
  readonly aggregate?: Aggregate<never>
  /** Tables that its decisions read or change beside the aggregate's own. */
  readonly alsoUses?: readonly FunctionTables[]
  /** Its HTTP function: routes and the tables that they touch. `publishes`: what the change feed publishes for it. */
  readonly http?: {
    readonly routes: readonly Route[]
    readonly tables: readonly FunctionTables[]
    readonly publishes?: readonly Message[]
  }
  /** Settings that the function reads from its environment beside tables and Kafka: `PAYMENT_PROVIDER_URL`. */
  readonly environment?: readonly string[]
}
export type { Reaction }
