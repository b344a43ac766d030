// Ends kafkajs' busy loop on Node 24: nothing of ours is in the way between these tests and the broker.
import '#engine/adapters/kafka/timer-shim.ts'
import { Kafka, logLevel } from 'kafkajs'
import { until } from './until.ts'

/** A user of the broker who knows nothing but its address. */
export const plainKafka = (brokers: string) =>
  new Kafka({ brokers: [brokers], clientId: 'a-stranger', logLevel: logLevel.NOTHING })

export interface Read {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since 1970, as text. */
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** As text. */
  readonly headers: Readonly<Record<string, string>>
}

export interface Produced {
  readonly topic: string
  readonly partition?: number
  readonly key?: string | Buffer | null
  readonly value: string | Buffer | null
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends records one request a topic, acknowledged by all; where each went. */
export async function produce(
  brokers: string,
  records: readonly Produced[],
): Promise<{ topic: string; partition: number; offset: number }[]> {
  const producer = plainKafka(brokers).producer()
  await producer.connect()
  try {
    const places = []
    for (const { topic, partition, key = null, value, headers = {} } of records) {
      const [to] = await producer.send({
        topic,
        acks: -1,
        messages: [{ key, value, headers, ...(partition !== undefined && { partition }) }],
      })
      places.push({ topic, partition: to?.partition ?? -1, offset: Number(to?.baseOffset ?? -1) })
    }
    return places
  } finally {
    await producer.disconnect()
  }
}

const withAdmin = async <T>(brokers: string, work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> => {
  const admin = plainKafka(brokers).admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

/** The system's topics, without Kafka's own. */
export const topicsOf = (brokers: string) =>
  withAdmin(brokers, async admin => (await admin.listTopics()).filter(name => !name.startsWith('__')).sort())

/** All records of these topics that are there now, by topic, partition and offset. */
export async function readAll(brokers: string, topics: readonly string[], withinMs = 30_000): Promise<Read[]> {
  const kafka = plainKafka(brokers)
  const missing = new Map<string, number>()
  await withAdmin(brokers, async admin => {
    for (const topic of topics)
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic))
        if (Number(high) > Number(low)) missing.set(`${topic}-${partition}`, Number(high))
  })
  const groupId = `a-stranger-${process.pid}-${process.hrtime.bigint()}`
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200, maxBytesPerPartition: 8 * 1024 * 1024 })
  const read: Read[] = []
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message: { offset, timestamp, key, value, headers = {} } }) => {
        const end = missing.get(`${topic}-${partition}`)
        // Where it ends, in case more is written meanwhile.
        if (end !== undefined && Number(offset) >= end - 1) missing.delete(`${topic}-${partition}`)
        read.push({
          topic,
          partition,
          offset: Number(offset),
          timestamp,
          key,
          value,
          headers: Object.fromEntries(Object.entries(headers).map(([name, content]) => [name, String(content)])),
        })
      },
    })
    await until(
      `all records of ${topics.join(', ')}`,
      withinMs,
      () => missing.size === 0,
      () => [...missing],
    )
  } finally {
    await consumer.disconnect()
  }
  return read.sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition || a.offset - b.offset)
}

export interface Group {
  readonly groupId: string
  readonly consumer: string
  readonly topic: string
}

/** The groups of an environment's consumers: `<prefix><consumer>.<topic>`. */
export const groupsOf = (brokers: string, prefix = '') =>
  withAdmin(brokers, async admin => {
    const topics = new Set(await admin.listTopics())
    const { groups } = await admin.listGroups()
    return groups
      .flatMap(({ groupId }): Group[] => {
        if (!groupId.startsWith(prefix)) return []
        const [, consumer, bare] = /^(.+?)\.([^.]+(?:\.dlq)?)$/.exec(groupId.slice(prefix.length)) ?? []
        const topic = `${prefix}${bare}`
        return consumer !== undefined && topics.has(topic) ? [{ groupId, consumer, topic }] : []
      })
      .sort((a, b) => a.groupId.localeCompare(b.groupId))
  })

/**
 * Resolves when every consumer has acknowledged all that is on its topic, twice in a row with nothing new in between:
 * as a record is acknowledged after what it caused is written, nothing is under way then.
 */
export async function drained(brokers: string, withinMs = 60_000, prefix = ''): Promise<void> {
  const groups = await groupsOf(brokers, prefix)
  if (groups.length === 0) throw new Error('there is no consumer group')
  await withAdmin(brokers, async admin => {
    let before = ''
    let lag: string[] = []
    await until(
      'every consumer to have acknowledged everything',
      withinMs,
      async () => {
        lag = []
        const ends: string[] = []
        await Promise.all(
          groups.map(async ({ groupId, topic }) => {
            const [written, [of]] = await Promise.all([
              admin.fetchTopicOffsets(topic),
              admin.fetchOffsets({ groupId, topics: [topic] }),
            ])
            for (const { partition, high, low } of written) {
              ends.push(`${groupId}-${partition}@${high}`)
              const at = of?.partitions.find(each => each.partition === partition)?.offset ?? '-1'
              if (Number(high) > Number(low) && Number(at) < Number(high))
                lag.push(`${groupId} partition ${partition} is at ${at} of ${high}`)
            }
          }),
        )
        const now = ends.sort().join()
        const quiet = lag.length === 0 && now === before
        before = lag.length === 0 ? now : ''
        return quiet
      },
      () => lag,
    )
  })
}

/** Sets every group's offset to its topic's beginning; throws if one is not there then. Its members must have left. */
export const resetToBeginning = (brokers: string, groups: readonly Group[]) =>
  withAdmin(brokers, async admin => {
    // Side by side: kafkajs needs five seconds for each.
    await Promise.all(groups.map(({ groupId, topic }) => admin.resetOffsets({ groupId, topic, earliest: true })))
    for (const { groupId, topic } of groups)
      for (const { partitions } of await admin.fetchOffsets({ groupId, topics: [topic] }))
        for (const { partition, offset } of partitions)
          if (Number(offset) > 0) throw new Error(`${groupId} partition ${partition} is still at ${offset}`)
  })

/** How many records were written to these topics so far. */
export const countOf = (brokers: string, topics: readonly string[]) =>
  withAdmin(brokers, async admin => {
    let count = 0
    for (const topic of topics) for (const { high } of await admin.fetchTopicOffsets(topic)) count += Number(high)
    return count
  })
