import { describe } from 'vitest'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { headersOf } from '#engine/adapters/record-headers.ts'
import { publisherContract } from '../../integration/contract/publisher.ts'

const bufferOf = (content: string | Uint8Array | null) => (content === null ? null : Buffer.from(content as Uint8Array))

describe('the publisher in memory', () => {
  publisherContract(async () => {
    const topics = Array.from({ length: 20 }, (_, n) => `t${n}`)
    const publisher = memoryPublisher({ partitions: 3, topics })
    return {
      publisher,
      async newTopic() {
        const topic = topics.find(name => publisher.records(name).length === 0 && !used.has(name))
        if (!topic) throw new Error('no topic is left')
        used.add(topic)
        return topic
      },
      async read(topic) {
        return [0, 1, 2].flatMap(partition =>
          publisher.partition(topic, partition).map(({ offset, key, value, headers, keptHeaders = [] }) => ({
            partition,
            offset,
            key: bufferOf(key),
            value: bufferOf(value),
            headers: Object.fromEntries(
              Object.entries(headers).map(([name, content]) => [name, bufferOf(content) ?? Buffer.alloc(0)]),
            ),
            headerList: headersOf({ headers, keptHeaders }).map(({ name, value }) => [name, bufferOf(value)] as const),
          })),
        )
      },
    }
  })
})

const used = new Set<string>()
