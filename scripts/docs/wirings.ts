import type { Catalog } from '#shared/catalog.ts'
import { catalog } from '../../lambdas/catalog.ts'

/** A deployment that can be chosen, by the value of `QUOTING`. */
export interface DocumentedWiring {
  readonly name: string
  readonly catalog: Catalog
}

/** One line for each. Every one has an AsyncAPI document; what is the same in several is drawn once. */
export const wirings: readonly DocumentedWiring[] = [{ name: 'orchestration', catalog }]
