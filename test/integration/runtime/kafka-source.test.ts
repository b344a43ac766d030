import { CompressionCodecs, CompressionTypes, type Kafka, type Producer } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { kafkaClient } from '../../../localstack/runtime/kafka/client.ts'
import { createDestination } from '../../../localstack/runtime/kafka/destination.ts'
import { type KafkaSource, startKafkaSource } from '../../../localstack/runtime/kafka/source.ts'
import { createTopics } from '../../../localstack/runtime/kafka/topics.ts'
import type { KafkaSourcePlan } from '../../../localstack/runtime/template/plan-types.ts'
import { produceByJava } from '../../support/java-producer.ts'
import { localFunction } from '../../support/local-function.ts'
import { sharedServers, unique } from '../../support/servers.ts'

interface Delivered {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key?: string
  readonly value?: string
  readonly headers: readonly Record<string, number[] | null>[]
}
type Event = { readonly records: Readonly<Record<string, readonly Delivered[]>> }

const brokers = [sharedServers().brokers]
let kafka: Kafka
let producer: Producer
const running: KafkaSource[] = []

beforeAll(async () => {
  kafka = kafkaClient(brokers, 'test')
  producer = kafka.producer()
  await producer.connect()
})
afterEach(async () => {
  await Promise.all(running.splice(0).map(source => source.stop()))
})
afterAll(() => producer.disconnect())

/** A topic of its own with three partitions, and a source that hands its records to `handler`. */
async function source(handler: (records: readonly Delivered[]) => unknown, settings: Partial<KafkaSourcePlan> = {}) {
  const topic = `${unique('source')}t`
  const topics = [topic, `${topic}.dlq`].map(name => ({ name, partitions: 3, configs: {} }))
  await createTopics(kafka, topics, { say: () => {} })
  const plan: KafkaSourcePlan = {
    functionName: 'consumer',
    topic,
    groupId: `g.${topic}`,
    sourceArn: 'arn:aws:kafka:x:1:cluster/c/u',
    batchSize: 100,
    windowSeconds: 0,
    filters: [],
    startingPosition: 'TRIM_HORIZON',
    bisects: true,
    retryAttemptsMax: 1,
    recordAgeSecondsMax: -1,
    reportsItemFailures: true,
    onFailureTopic: `${topic}.dlq`,
    ...settings,
  }
  const seen: Delivered[] = []
  const observed: string[] = []
  const fn = localFunction('consumer', async event => {
    const records = Object.values((event as Event).records).flat()
    const answer = await handler(records)
    seen.push(...records)
    return answer
  })
  const destination = createDestination(
    () => kafka,
    brokers,
    () => {},
  )
  const shown: string[] = []
  const start = async (client = kafka) => {
    const started = await startKafkaSource(plan, {
      kafka: client,
      brokers,
      fn,
      giveUp: (of, records, why) => destination.keep(of, records, why),
      observe: ({ partition, offset }) => observed.push(`${partition}@${offset}`),
      serversUp: async () => {},
      allUp: () => true,
      released: () => false,
      show: line => void shown.push(line),
    })
    running.push(started)
    return started
  }
  const send = (...values: (string | null)[]) =>
    producer.send({ topic, messages: values.map((value, i) => ({ key: `k${i}`, value, partition: 0 })) })
  return { plan, topic, seen, observed, start, send, shown }
}
const asText = (a: string | null, b: string | null) => String(a).localeCompare(String(b))
const values = (records: readonly Delivered[]) =>
  records.map(({ value }) => (value === undefined ? null : Buffer.from(value, 'base64').toString()))
const committed = async (groupId: string, topic: string) => {
  const admin = kafka.admin()
  await admin.connect()
  const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] })
  await admin.disconnect()
  return Object.fromEntries((offsets?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]))
}

describe('a Kafka event source', () => {
  it('hands over what was there before and what comes after, with keys, headers and tombstones as they are', async () => {
    const { topic, start, send, seen, plan, observed } = await source(() => undefined)
    await send('before')
    await start()
    await expect.poll(() => values(seen), { timeout: 5000 }).toEqual(['before'])
    await producer.send({
      topic,
      messages: [{ key: null, value: null, partition: 0, headers: { a: 'x', b: Buffer.from([200]) } }],
    })
    await expect.poll(() => seen.length, { timeout: 5000 }).toBe(2)
    expect(seen[1]).toMatchObject({ topic, partition: 0, offset: 1, headers: [{ a: [120] }, { b: [-56] }] })
    expect(seen[1]).not.toHaveProperty('key')
    expect(seen[1]).not.toHaveProperty('value')
    await expect.poll(() => committed(plan.groupId, topic)).toMatchObject({ 0: 2 })
    expect(observed).toEqual(['0@0', '0@1'])
  })

  it('takes what Java’s client writes: every compression, headers without a value, transactions', async () => {
    const { topic, start, seen, shown, send } = await source(() => undefined)
    await start()
    await produceByJava(brokers[0] ?? '', topic)
    await send('last')
    await expect.poll(() => values(seen).at(-1), { timeout: 15_000 }).toBe('last')
    const written = ['none', 'gzip', 'snappy', 'lz4', 'zstd'].flatMap(compression =>
      Array.from({ length: 20 }, (_, n) => `${compression} ${n} ${'x'.repeat(20_000)}`),
    )
    expect(values(seen)).toEqual([...written, 'committed', 'committed again', 'last'])
    for (const { headers } of seen.slice(0, -1))
      expect(headers).toEqual([{ a: null }, { b: [] }, { a: [-1] }, JSON.parse('{"constructor":null}')])
    expect(shown).toEqual([])
  })

  it.each([
    ['gzip', CompressionTypes.GZIP],
    ['snappy', CompressionTypes.Snappy],
    ['LZ4', CompressionTypes.LZ4],
    ['Zstandard', CompressionTypes.ZSTD],
  ])('takes batches of %s without the blocks of Java’s', async (_, compression) => {
    const { topic, start, seen } = await source(() => undefined)
    const messages = Array.from({ length: 50 }, (_, n) => ({
      key: 'k',
      value: `${n} ${'y'.repeat(3000)}`,
      partition: 0,
    }))
    await producer.send({ topic, compression, messages })
    await start()
    await expect.poll(() => values(seen), { timeout: 5000 }).toEqual(messages.map(({ value }) => value))
  })

  it('reads a partition that is added while it runs within ten seconds, from its first record on', async () => {
    const { topic, start, seen } = await source(() => undefined)
    await start()
    const admin = kafka.admin()
    await admin.connect()
    const since = performance.now()
    await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] })
    await admin.disconnect()
    const other = kafkaClient(brokers, 'other').producer()
    await other.connect()
    await other.send({ topic, messages: [{ value: 'new', partition: 4 }] })
    await other.disconnect()
    await expect.poll(() => values(seen), { timeout: 10_000 }).toEqual(['new'])
    expect(performance.now() - since).toBeLessThan(10_000)
  })

  it('that can’t read a batch waits longer each time, says so once a minute, and goes on when it can', async () => {
    const { topic, start, seen, shown } = await source(() => undefined)
    await producer.send({ topic, compression: CompressionTypes.GZIP, messages: [{ value: 'packed', partition: 0 }] })
    const codec = CompressionCodecs[CompressionTypes.GZIP]
    let tries = 0
    const decompress = async () => {
      tries += 1
      throw new Error('no such codec')
    }
    CompressionCodecs[CompressionTypes.GZIP] = () => ({ decompress })
    try {
      await start()
      await new Promise(resolve => setTimeout(resolve, 4000))
    } finally {
      CompressionCodecs[CompressionTypes.GZIP] = codec
    }
    expect(tries).toBeGreaterThan(1)
    // kafkajs itself tries six times each time that it joins.
    expect(tries).toBeLessThan(30)
    expect(shown).toHaveLength(1)
    expect(shown[0]).toContain('no such codec')
    await expect.poll(() => values(seen), { timeout: 12_000 }).toEqual(['packed'])
  })

  it('does not let a partition in retries hold up the others', async () => {
    let bad = true
    const { topic, start, seen } = await source(
      records => {
        if (bad && records.some(({ partition }) => partition === 1)) throw new Error('not yet')
      },
      { retryAttemptsMax: -1 },
    )
    await start()
    await producer.send({ topic, messages: [0, 1, 2].map(partition => ({ value: `p${partition}`, partition })) })
    await expect.poll(() => values(seen).toSorted(asText), { timeout: 5000 }).toEqual(['p0', 'p2'])
    await producer.send({ topic, messages: [{ value: 'later', partition: 2 }] })
    await expect.poll(() => values(seen), { timeout: 5000 }).toContain('later')
    bad = false
    await expect.poll(() => values(seen), { timeout: 5000 }).toContain('p1')
  })

  it('isolates a record that always fails and writes Lambda its document to the on-failure topic', async () => {
    const { topic, start, send, seen, plan } = await source(records => {
      if (values(records).includes('bad')) throw new Error('bad record')
    })
    await send('a', 'b', 'bad', 'c', 'd')
    await start()
    await expect.poll(() => committed(plan.groupId, topic), { timeout: 10_000 }).toMatchObject({ 0: 5 })
    expect(
      values(seen)
        .filter(value => value !== 'bad')
        .toSorted(asText),
    ).toEqual(['a', 'b', 'c', 'd'])
    const [document] = await readAll(`${topic}.dlq`, 1)
    expect(document).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
      KafkaBatchInfo: { batchSize: 1, recordsInfo: { [`${topic}-0`]: { firstRecordOffset: 2, lastRecordOffset: 2 } } },
    })
    const payload = JSON.parse(String(document?.['payload'])) as Event
    expect(values(Object.values(payload.records).flat())).toEqual(['bad'])
  })

  it('paused it leaves the group, so that its offsets can be reset; resumed it reads from there', async () => {
    const { topic, start, send, seen, plan } = await source(() => undefined)
    const started = await start()
    await send('one', 'two')
    await expect.poll(() => seen.length, { timeout: 5000 }).toBe(2)
    await started.pause()
    await send('three')
    const admin = kafka.admin()
    await admin.connect()
    await admin.resetOffsets({ groupId: plan.groupId, topic, earliest: true })
    await admin.disconnect()
    expect(seen).toHaveLength(2)
    await started.resume()
    await expect.poll(() => values(seen), { timeout: 10_000 }).toEqual(['one', 'two', 'one', 'two', 'three'])
  })

  it('goes on after the last acknowledged record when it is started again', async () => {
    const { start, send, seen } = await source(() => undefined)
    const first = await start()
    await send('one')
    await expect.poll(() => seen.length, { timeout: 5000 }).toBe(1)
    await first.stop()
    await send('two')
    await start()
    await expect.poll(() => values(seen), { timeout: 5000 }).toEqual(['one', 'two'])
  })

  it('adds missing partitions to a topic that is there, and keeps its records', async () => {
    const { topic, send, start, seen } = await source(() => undefined)
    await send('kept')
    await createTopics(kafka, [{ name: topic, partitions: 5, configs: {} }], { say: () => {} })
    await start()
    // One that has never seen the topic with three partitions.
    const fresh = kafka.producer()
    await fresh.connect()
    await fresh.send({ topic, messages: [{ value: 'in the new one', partition: 4 }] })
    await fresh.disconnect()
    await expect.poll(() => values(seen).toSorted(asText), { timeout: 10_000 }).toEqual(['in the new one', 'kept'])
  })
})

/** The first JSON documents of a topic. */
async function readAll(topic: string, count: number): Promise<Record<string, unknown>[]> {
  const consumer = kafka.consumer({ groupId: unique('reader'), maxWaitTimeInMs: 100 })
  const found: Record<string, unknown>[] = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => void found.push(JSON.parse(String(message.value)) as Record<string, unknown>),
  })
  await expect.poll(() => found.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count)
  await consumer.disconnect()
  return found
}
