import type { MessageType } from '../model/messages.ts'

/** Where each message is published. One per deployment; definitions do not know. */
export type TopicOf = (message: Pick<MessageType, 'about' | 'kind'>) => string

/** `orders`, `policies`, `parcel-boxes`: the plural that topics and tables are named with. */
export function pluralOf(name: string): string {
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`
  return /(s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`
}

/** `products-commands`, `orders-events`: the order saga's wiring. */
export const topicPerAggregateAndKind: TopicOf = m =>
  m.about === 'saga' ? 'saga-control' : `${pluralOf(m.about)}-${m.kind}s`
/** `saga-commands`, `saga-events`: orchestrated and event-sourced quoting. */
export const topicPerKind: TopicOf = m => `saga-${m.kind}s`
/** `quotes`, `policies`, `customers`: choreographed quoting. */
export const topicPerAggregate: TopicOf = m => pluralOf(m.about)
/** Where what can never be handled goes. */
export const deadLetterTopicOf = (topic: string) => `${topic}.dlq`
export const isDeadLetterTopic = (topic: string) => topic.endsWith('.dlq')
/** The topic that a dead-letter topic belongs to. */
export const topicOfDeadLetters = (deadLetterTopic: string) => deadLetterTopic.replace(/\.dlq$/, '')
/** Bytes of one record on a topic, and of one batch of them: `max.message.bytes`, as Kafka has it unless told. */
export const TOPIC_BYTES_MAX = 1_048_588
/**
 * Of a dead-letter topic. Lambda's own failure record holds the records in base64 inside a JSON document, a third larger
 * than they were; a record of just under Kafka's usual megabyte must still fit, and so must a batch that was given up on
 * as a whole.
 */
export const DEAD_LETTER_BYTES_MAX = 8 * 1024 * 1024
/** A consumer's group on a topic: one each, as AWS wants a group of its own for every event source. */
export const consumerGroupOf = (consumer: string, topic: string) => `${consumer}.${topic}`

/**
 * A deployment's own names of topics, by the catalog's: `{ quotes: 'quote-events' }`. What is left out keeps its name.
 * Two that have one name are one topic.
 */
export type TopicNames = Readonly<Record<string, string>>
/** What a deployment calls a topic of the catalog; the stage's prefix is put before that. */
export const nameOfTopic = (topic: string, names: TopicNames): string =>
  (Object.hasOwn(names, topic) ? names[topic] : undefined) ?? topic
