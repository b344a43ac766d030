/** Every topic of a stage with its dead-letter topic: what CloudFormation makes on MSK, and others make elsewhere. */
import { DEAD_LETTER_BYTES_MAX, deadLetterTopicOf, TOPIC_BYTES_MAX } from '#engine/delivery/topics.ts'
import type { StageSettings } from './config.ts'

const HOUR_MS = 60 * 60 * 1000

export interface PlannedTopic {
  /** Without the stage's prefix. */
  readonly topic: string
  /** The physical name. */
  readonly name: string
  readonly partitions: number
  readonly retentionHours: number
  /** Kafka's own settings, as `server.properties` spells them. */
  readonly configs: Readonly<Record<string, string | number>>
}

/** `topics`: without the stage's prefix. Throws for a name that Kafka does not take. */
export function planTopics(
  topics: readonly string[],
  { partitions, retention, topicPrefix }: Pick<StageSettings, 'partitions' | 'retention' | 'topicPrefix'>,
): PlannedTopic[] {
  const plan = (topic: string, days: number, bytesMax: number): PlannedTopic => {
    const name = `${topicPrefix}${topic}`
    if (!/^[a-zA-Z0-9._-]{1,249}$/.test(name)) throw new Error(`"${name}" is no name for a Kafka topic`)
    const retentionHours = days * 24
    return {
      topic,
      name,
      partitions,
      retentionHours,
      configs: { 'cleanup.policy': 'delete', 'retention.ms': retentionHours * HOUR_MS, 'max.message.bytes': bytesMax },
    }
  }
  return topics.flatMap(topic => [
    plan(topic, retention.topicDays, TOPIC_BYTES_MAX),
    plan(deadLetterTopicOf(topic), retention.deadLetterDays, DEAD_LETTER_BYTES_MAX),
  ])
}
