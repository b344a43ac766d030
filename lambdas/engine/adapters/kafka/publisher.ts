import { Partitioners, type Producer, type TopicMessages } from 'kafkajs'
import type { OutgoingRecord, Publisher } from '../../model/ports.ts'
import { RecordMessage } from './produce-shim.ts'
import { BATCH_OVERHEAD_BYTES, recordBytesMax } from './record-size.ts'
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
 * Of one request: a topic takes no larger batch than its `max.message.bytes` (`TOPIC_BYTES_MAX`, Event Hubs a little less),
 * and what goes to one partition in one request is one batch. What alone is larger goes alone, as dead letters may.
 */
const REQUEST_BYTES_MAX = 1_000_000
/** kafkajs sorts the records of a request in a time that grows with their square. */
const REQUEST_RECORDS_MAX = 1_000

/**
 * The publisher on Kafka: as few produce requests as fit a broker, one after the other, acknowledged by all replicas. Keys go to the
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
  const publishRequest = async (topicMessages: TopicMessages[]) => {
    const known = current
    try {
      await send((current ??= linkTo(makeProducer)), topicMessages).catch((error: unknown) => {
        if (!blamesSecrets(error) || known === undefined) throw error
        return send((current ??= linkTo(makeProducer)), topicMessages)
      })
    } catch (error) {
      throw asPublishError(error, options.secrets)
    }
  }
  return {
    async publish(records) {
      if (records.length === 0) return
      for (const request of requestsOf(records, topicPrefix)) await publishRequest(request)
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

interface Request {
  readonly topics: Map<string, RecordMessage[]>
  bytes: number
  records: number
}

/** Requests that a broker takes, one after the other. Records keep their order within a topic, and so within a key. */
function* requestsOf(records: readonly OutgoingRecord[], prefix: string): Iterable<TopicMessages[]> {
  let request: Request | undefined
  for (const record of records) {
    const message = new RecordMessage(record)
    const bytes = recordBytesMax(message.bodyBytes)
    if (request && (request.bytes + bytes > REQUEST_BYTES_MAX || request.records === REQUEST_RECORDS_MAX)) {
      yield byTopic(request, prefix)
      request = undefined
    }
    request ??= { topics: new Map(), bytes: BATCH_OVERHEAD_BYTES, records: 0 }
    request.bytes += bytes
    request.records += 1
    const messages = request.topics.get(record.topic)
    if (messages) messages.push(message)
    else request.topics.set(record.topic, [message])
  }
  if (request) yield byTopic(request, prefix)
}

const byTopic = ({ topics }: Request, prefix: string): TopicMessages[] =>
  [...topics].map(([topic, messages]) => ({ topic: `${prefix}${topic}`, messages }))
