import type { Catalog } from '#engine/catalog/catalog.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { quotings } from '../../lambdas/quoting.ts'

/** A deployment that can be chosen, by the value of `QUOTING`. */
export interface DocumentedWiring {
  readonly name: string
  readonly catalog: Catalog
}

/** Every one has an AsyncAPI document; what is the same in several is drawn once. */
export const wirings: readonly DocumentedWiring[] = quotings.map(name => ({ name, catalog: catalogFor(name) }))
