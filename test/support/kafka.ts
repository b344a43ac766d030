import '#engine/adapters/kafka/timer-shim.ts'
import { Kafka, logLevel } from 'kafkajs'
import { headerListOf } from '../../localstack/runtime/kafka/header-shim.ts'
import { sharedServers } from './servers.ts'

/** An independent client of the shared broker: for tests to look with, not ours to test. */
export const testKafka = (brokers: string = sharedServers().brokers) =>
  new Kafka({ brokers: [brokers], clientId: 'test', logLevel: logLevel.NOTHING })

export async function createTopics(kafka: Kafka, topics: readonly string[], partitions = 3): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    await admin.createTopics({
      topics: topics.map(topic => ({ topic, numPartitions: partitions })),
      waitForLeaders: true,
    })
  } finally {
    await admin.disconnect()
  }
}

export interface ReadFromKafka {
  readonly partition: number
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: { readonly [name: string]: Buffer }
  /** Each one, in order. */
  readonly headerList: readonly (readonly [name: string, value: Buffer | null])[]
}

/** All records of a topic from its beginning, by partition and offset; waits until there are `count`. Throws after `withinMs`. */
export async function readTopic(
  kafka: Kafka,
  topic: string,
  count: number,
  withinMs = 10_000,
): Promise<ReadFromKafka[]> {
  const consumer = kafka.consumer({ groupId: `read-${topic}-${process.hrtime.bigint()}` })
  // By place: a group that is made again in the middle reads its records again.
  const places = new Map<string, ReadFromKafka>()
  const done = Promise.withResolvers<void>()
  const late = setTimeout(
    () => done.reject(new Error(`${topic} has ${places.size} records after ${withinMs} ms, not ${count}`)),
    withinMs,
  )
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ partition, message: { offset, key, value, headers = {} } }) => {
        const buffers = Object.entries(headers).map(
          ([name, content]) => [name, Buffer.from((content as Buffer | null) ?? [])] as const,
        )
        const record = {
          partition,
          offset: Number(offset),
          key,
          value,
          headers: Object.fromEntries(buffers),
          headerList: headerListOf(headers),
        }
        places.set(`${partition}/${offset}`, record)
        if (places.size >= count) done.resolve()
      },
    })
    if (count > 0) await done.promise
  } finally {
    clearTimeout(late)
    await consumer.disconnect()
  }
  return [...places.values()].sort((a, b) => a.partition - b.partition || a.offset - b.offset)
}
