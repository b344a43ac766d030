import type { FunctionTables, Route } from '#shared/catalog.ts'
import type { Table } from '#shared/aggregate.ts'

export interface WiredFunction {
  readonly name: string
  readonly entry: string
  readonly kind: 'consumer' | 'http' | 'platform'
  readonly sources: readonly { readonly topic: string; readonly types: readonly string[]; readonly owner: boolean }[]
  readonly publishesTo: readonly string[]
  readonly tables: readonly FunctionTables[]
  readonly routes: readonly Route[]
  readonly everySeconds?: number
  readonly feeds: readonly Table[]
  readonly environment: readonly string[]
}
export interface Wiring {
  readonly topics: readonly string[]
  readonly tables: readonly Table[]
  readonly functions: readonly WiredFunction[]
}

/** Whether a function calls an address that it is told by its environment: `PAYMENT_PROVIDER_URL`. */
export const callsOutside = ({ environment }: WiredFunction) => environment.some(variable => variable.endsWith('_URL'))
