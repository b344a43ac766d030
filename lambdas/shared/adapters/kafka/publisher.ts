import { type Message, Partitioners, type Producer, type TopicMessages } from 'kafkajs'
import { ConfigurationError, RetryableError } from '../../errors.ts'
import type { OutgoingRecord, Publisher } from '../../ports.ts'
import { type KafkaClientOptions, kafkaClient } from './client.ts'

export interface KafkaPublisherOptions extends KafkaClientOptions {
  /** Put before every topic. */
  readonly topicPrefix: string
}

export interface KafkaPublisher extends Publisher {
  /** Closes its connections; the next publish opens them again. */
  disconnect(): Promise<void>
}

/** All in-sync replicas. */
const ACKS_ALL = -1

/**
 * The publisher on Kafka: one produce request to each broker for one call, acknowledged by all replicas. Keys go to the
 * partitions that Kafka's Java clients choose. It connects on first use, and again after a failure.
 */
export function kafkaPublisher({ topicPrefix, ...options }: KafkaPublisherOptions): KafkaPublisher {
  const producer = kafkaClient(options).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  })
  const connection = connectOnce(producer)
  return {
    async publish(records) {
      if (records.length === 0) return
      try {
        await connection.open()
        await producer.sendBatch({ acks: ACKS_ALL, topicMessages: byTopic(records, topicPrefix) })
      } catch (error) {
        throw asPublishError(error)
      }
    },
    disconnect: () => connection.close(),
  }
}

/** One connect for any number of callers at once; one that failed is tried again by the next. */
function connectOnce(producer: Producer) {
  let opened: Promise<void> | undefined
  return {
    open(): Promise<void> {
      opened ??= producer.connect().catch((error: unknown) => {
        opened = undefined
        throw error
      })
      return opened
    },
    async close(): Promise<void> {
      const open = opened
      opened = undefined
      // A connect that failed has been told to whoever asked for it.
      await open?.then(
        () => producer.disconnect(),
        () => undefined,
      )
    },
  }
}

/** Records keep their order within a topic, and so within a key. */
function byTopic(records: readonly OutgoingRecord[], prefix: string): TopicMessages[] {
  const topics = new Map<string, Message[]>()
  for (const record of records) {
    const messages = topics.get(record.topic) ?? []
    messages.push(messageOf(record))
    topics.set(record.topic, messages)
  }
  return [...topics].map(([topic, messages]) => ({ topic: `${prefix}${topic}`, messages }))
}

function messageOf({ key, value, headers }: OutgoingRecord): Message {
  const asBuffers = Object.entries(headers).map(([name, text]) => [name, toBuffer(text)] as const)
  return {
    key: key === null ? null : toBuffer(key),
    value: value === null ? null : toBuffer(value),
    headers: Object.fromEntries(asBuffers),
  }
}

const toBuffer = (content: string | Uint8Array): Buffer =>
  typeof content === 'string'
    ? Buffer.from(content)
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength)

/** kafkajs calls an outage "not retriable" once its own tries are used up; what it was is the cause. */
function asPublishError(error: unknown): Error {
  const root = rootOf(error)
  if (root instanceof ConfigurationError) return root
  const why = root instanceof Error ? root.message : String(root)
  return new RetryableError(`Kafka did not take the records: ${why}`, { code: codeOf(root), cause: error })
}

function rootOf(error: unknown): unknown {
  let root = error
  while (root instanceof Error && root.cause instanceof Error) root = root.cause
  return root
}

/** `KAFKA_UNKNOWN_TOPIC_OR_PARTITION`, `KAFKA_CONNECTION` … */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'KAFKA_UNKNOWN'
  if ('type' in error && typeof error.type === 'string') return `KAFKA_${error.type}`
  const name = error.name.replace(/^KafkaJS/, '').replace(/Error$/, '')
  return `KAFKA_${name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`
}
