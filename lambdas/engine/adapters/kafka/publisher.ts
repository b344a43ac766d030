import { Partitioners, type Producer, type TopicMessages } from 'kafkajs'
import type { OutgoingRecord, Publisher } from '../../model/ports.ts'
import { RecordMessage } from './produce-shim.ts'
import { type KafkaClientOptions, kafkaClients } from './client.ts'
import { asPublishError, blamesSecrets } from './errors.ts'

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
 * partitions that Kafka's Java clients choose. It connects on first use, and again after a failure. A secret that does
 * not fit is read anew: at once if an earlier call had read it (it may have been rotated), else by the next call.
 */
export function kafkaPublisher({ topicPrefix, ...options }: KafkaPublisherOptions): KafkaPublisher {
  const newClient = kafkaClients(options)
  const makeProducer = async () =>
    (await newClient()).producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false })
  let current: Link | undefined

  const send = async (link: Link, topicMessages: TopicMessages[]) => {
    try {
      const producer = await link.open()
      await producer.sendBatch({ acks: ACKS_ALL, topicMessages })
    } catch (error) {
      if (blamesSecrets(error)) {
        if (current === link) current = undefined
        await link.close()
      }
      throw error
    }
  }
  return {
    async publish(records) {
      if (records.length === 0) return
      const topicMessages = byTopic(records, topicPrefix)
      const known = current
      try {
        await send((current ??= linkTo(makeProducer)), topicMessages).catch((error: unknown) => {
          if (!blamesSecrets(error) || known === undefined) throw error
          return send((current ??= linkTo(makeProducer)), topicMessages)
        })
      } catch (error) {
        throw asPublishError(error, options.secrets)
      }
    },
    async disconnect() {
      await current?.close()
    },
  }
}

/** A producer and its connection. */
interface Link {
  /** One connect for any number of callers at once; one that failed is tried again by the next. */
  open(): Promise<Producer>
  close(): Promise<void>
}

function linkTo(make: () => Promise<Producer>): Link {
  let made: Producer | undefined
  let opened: Promise<Producer> | undefined
  const connect = async () => {
    made ??= await make()
    await made.connect()
    return made
  }
  return {
    open() {
      opened ??= connect().catch((error: unknown) => {
        opened = undefined
        throw error
      })
      return opened
    },
    async close() {
      const open = opened
      opened = undefined
      // A connect that failed has been told to whoever asked for it.
      await open?.then(
        producer => producer.disconnect(),
        () => undefined,
      )
    },
  }
}

/** Records keep their order within a topic, and so within a key. */
function byTopic(records: readonly OutgoingRecord[], prefix: string): TopicMessages[] {
  const topics = new Map<string, RecordMessage[]>()
  for (const record of records) {
    const messages = topics.get(record.topic) ?? []
    messages.push(new RecordMessage(record))
    topics.set(record.topic, messages)
  }
  return [...topics].map(([topic, messages]) => ({ topic: `${prefix}${topic}`, messages }))
}
