import type { Clock, Log, Store } from '../model/ports.ts'

/** What an API gets of the world. */
export interface ApiPorts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** A new random id: 32 hexadecimal digits. */
  readonly newId: () => string
}
