import type { Catalog } from '#engine/catalog/catalog.ts'
import { asVariables, everyChosen } from '#engine/catalog/choices.ts'
import { catalogFor, choices } from '../../lambdas/catalog.ts'

/** A deployment that can be chosen. */
export interface DocumentedWiring {
  /** Of its documents. */
  readonly name: string
  /** What chooses it, by variable; empty where the catalog leaves no choice. */
  readonly chosen: Readonly<Record<string, string>>
  readonly catalog: Catalog
}

/** Every one has an AsyncAPI document; what is the same in several is drawn once. */
export const wirings: readonly DocumentedWiring[] = everyChosen(choices).map(chosen => ({
  name: Object.values(chosen).join('-') || 'messages',
  chosen: asVariables(choices, chosen),
  catalog: catalogFor(chosen),
}))

/** `QUOTING=choreography`, in code. */
export const asCode = (chosen: DocumentedWiring['chosen']): string =>
  Object.entries(chosen)
    .map(([variable, value]) => `\`${variable}=${value}\``)
    .join(' and ')
