import { afterAll, describe, expect, it } from 'vitest'
import { type KafkaPublisher, kafkaPublisher } from '#engine/adapters/kafka/publisher.ts'
import { memoryLog, silentLog } from '#engine/adapters/memory/log.ts'
import { ConfigurationError, RetryableError } from '#engine/model/errors.ts'
import { freePort } from '../../../localstack/servers/index.ts'
import { createTopics, readTopic, testKafka } from '../../support/kafka.ts'
import { sharedServers, unique } from '../../support/servers.ts'
import { publisherContract } from './publisher.ts'

const options = { auth: 'none', clientId: 'contract', log: silentLog } as const
const open: KafkaPublisher[] = []
const opened = (publisher: KafkaPublisher) => {
  open.push(publisher)
  return publisher
}
afterAll(async () => {
  await Promise.all(open.map(publisher => publisher.disconnect()))
})

describe('the publisher on Kafka', () => {
  publisherContract(async () => {
    const topicPrefix = unique('contract')
    const kafka = testKafka()
    let topics = 0
    return {
      publisher: opened(kafkaPublisher({ ...options, brokers: [sharedServers().brokers], topicPrefix })),
      async newTopic() {
        topics += 1
        await createTopics(kafka, [`${topicPrefix}t${topics}`])
        return `t${topics}`
      },
      read: (topic, count) => readTopic(kafka, `${topicPrefix}${topic}`, count),
    }
  })

  it('tells within seconds that no broker is there, and says so to the log', async () => {
    const log = memoryLog()
    const brokers = [`127.0.0.1:${await freePort()}`]
    const publisher = opened(kafkaPublisher({ ...options, brokers, topicPrefix: '', log }))
    const since = performance.now()
    const failed = publisher.publish([{ topic: 't', key: 'a', value: '1', headers: {} }])
    await expect(failed).rejects.toThrow(RetryableError)
    await expect(failed).rejects.toMatchObject({ code: 'KAFKA_CONNECTION' })
    expect(performance.now() - since).toBeLessThan(5000)
    expect(log.lines.some(({ message }) => message.startsWith('kafkajs: '))).toBe(true)
  })

  it('connects again after a disconnect, and for many that publish at once', async () => {
    const topicPrefix = unique('again')
    await createTopics(testKafka(), [`${topicPrefix}t`])
    const publisher = opened(kafkaPublisher({ ...options, brokers: [sharedServers().brokers], topicPrefix }))
    const publish = (value: string) => publisher.publish([{ topic: 't', key: 'a', value, headers: {} }])
    await Promise.all(Array.from({ length: 10 }, (_, n) => publish(`${n}`)))
    await publisher.disconnect()
    await publish('last')
    expect(await readTopic(testKafka(), `${topicPrefix}t`, 11)).toHaveLength(11)
  })

  it('refuses plain authentication without credentials, naming the variable', () => {
    expect(() => kafkaPublisher({ ...options, auth: 'plain', brokers: ['b:9092'], topicPrefix: '' })).toThrow(
      ConfigurationError,
    )
    expect(() => kafkaPublisher({ ...options, auth: 'plain', brokers: ['b:9092'], topicPrefix: '' })).toThrow(
      'KAFKA_SECRET_ARN',
    )
  })

  it('arms no timers without end while it has nothing to send', async () => {
    const topicPrefix = unique('idle')
    await createTopics(testKafka(), [`${topicPrefix}t`])
    const publisher = opened(kafkaPublisher({ ...options, brokers: [sharedServers().brokers], topicPrefix }))
    await publisher.publish([{ topic: 't', key: 'a', value: '1', headers: {} }])
    const { setTimeout: original } = globalThis
    let armed = 0
    globalThis.setTimeout = ((...args: Parameters<typeof original>) => {
      armed += 1
      return original(...args)
    }) as typeof original
    try {
      await new Promise(resolve => original(resolve, 500))
    } finally {
      globalThis.setTimeout = original
    }
    // Without the shim it is about a thousand.
    expect(armed).toBeLessThan(10)
  })
})
