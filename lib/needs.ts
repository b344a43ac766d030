/** What follows from a function's wiring for where it stands. */
import type { WiredFunction } from '#shared/messaging/wiring.ts'

/** HTTP functions commit and leave publishing to the change feed. */
export const talksToKafka = ({ kind, sources, publishesTo }: WiredFunction) =>
  kind !== 'http' && (sources.length > 0 || publishesTo.length > 0)

/** Whether it calls an address that it is told by its environment: `PAYMENT_PROVIDER_URL`. */
export const callsOutside = ({ environment }: WiredFunction) => environment.some(variable => variable.endsWith('_URL'))
