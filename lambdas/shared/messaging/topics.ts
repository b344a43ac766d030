import type { Message } from './contract.ts'

/** Where each message is said. One per deployment; definitions do not know. */
export type TopicOf = (message: Pick<Message, 'about' | 'kind'>) => string

const irregular: Readonly<Record<string, string>> = { policy: 'policies' }
/** `orders`, `policies`: the plural that topics and tables are named with. */
export const many = (name: string) => irregular[name] ?? `${name}s`

/** `products-commands`, `orders-events`: the order saga's wiring. */
export const topicPerAggregateAndKind: TopicOf = m =>
  m.about === 'saga' ? 'saga-control' : `${many(m.about)}-${m.kind}s`
/** `saga-commands`, `saga-events`: orchestrated and event-sourced quoting. */
export const topicPerKind: TopicOf = m => `saga-${m.kind}s`
/** `quotes`, `policies`, `customers`: choreographed quoting. */
export const topicPerAggregate: TopicOf = m => many(m.about)
/** `quote-events`, `policy-events`: choreographed quoting on Event Hubs. */
export const hubPerAggregate: TopicOf = m => `${m.about}-events`
/** Where what can never be handled goes. */
export const deadLetterTopicOf = (topic: string) => `${topic}.dlq`
/** A consumer's group on a topic: one each, as AWS wants a group of its own for every event source. */
export const consumerGroupOf = (consumer: string, topic: string) => `${consumer}.${topic}`
