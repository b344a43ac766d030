/** What follows from a function's wiring for where it stands, and from a stage's Kafka for what is in its bundle. */
import type { WiredFunction } from '#engine/catalog/wiring.ts'
import type { BundledAuth } from './bundling/bundle.ts'
import type { KafkaSettings } from './config.ts'

/** HTTP functions commit and leave publishing to the change feed. */
export const talksToKafka = ({ kind, sources, publishesTo }: WiredFunction) =>
  kind !== 'http' && (sources.length > 0 || publishesTo.length > 0)

/** How functions prove to Kafka who they are. */
export const kafkaAuthOf = ({ kind }: KafkaSettings): BundledAuth => (kind === 'self-managed' ? 'plain' : 'iam')
