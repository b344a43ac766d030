/** Names of topics that a stage may take in `topicNames` (`lib/config.ts`), beside the catalog's own. */
import type { TopicNames } from '#engine/delivery/topics.ts'

/** Azure Event Hubs: what the choreography's hubs are called there. */
export const eventHubs: TopicNames = { quotes: 'quote-events', policies: 'policy-events', customers: 'customer-events' }

/**
 * Azure Event Hubs Standard, which allows ten hubs in a namespace: commands and control on one, the order saga's events on
 * another. With their dead letters these are four hubs, and ten with the choreography's.
 */
export const eventHubsStandard: TopicNames = {
  ...eventHubs,
  'orders-commands': 'saga-commands',
  'payments-commands': 'saga-commands',
  'products-commands': 'saga-commands',
  'saga-control': 'saga-commands',
  'orders-events': 'saga-events',
  'payments-events': 'saga-events',
  'products-events': 'saga-events',
}
