import { RetryableError } from '../../model/errors.ts'
import type { OutgoingRecord, Publisher } from '../../model/ports.ts'
import { DEAD_LETTER_BYTES_MAX, TOPIC_BYTES_MAX, isDeadLetterTopic } from '../../delivery/topics.ts'
import { BATCH_OVERHEAD_BYTES, bodyBytesOf, recordBytesMax } from '../kafka/record-size.ts'
import { partitionOf } from '../kafka/partition.ts'

export interface PublishedRecord extends OutgoingRecord {
  readonly partition: number
  /** Counts from 0 in each partition. */
  readonly offset: number
}

export interface MemoryPublisher extends Publisher {
  /** What was published, oldest first; of one topic or of all. */
  records(topic?: string): readonly PublishedRecord[]
  /** One partition's log. */
  partition(topic: string, partition: number): readonly PublishedRecord[]
}

export interface MemoryPublisherOptions {
  /** Of each topic; 3 unless given. */
  readonly partitions?: number
  /** The topics that there are; any, if left out. */
  readonly topics?: readonly string[]
}

/** Topics in memory, with Kafka's partitions: a key goes where the real producer sends it. */
export function memoryPublisher({ partitions = 3, topics }: MemoryPublisherOptions = {}): MemoryPublisher {
  const known = topics && new Set(topics)
  const all: PublishedRecord[] = []
  const byTopic = new Map<string, { all: PublishedRecord[]; logs: PublishedRecord[][] }>()
  const topicOf = (name: string) => {
    const found = byTopic.get(name) ?? { all: [], logs: Array.from({ length: partitions }, () => []) }
    byTopic.set(name, found)
    return found
  }

  return {
    async publish(records) {
      const unknown = records.find(({ topic }) => known && !known.has(topic))
      if (unknown)
        throw new RetryableError(`there is no topic ${unknown.topic}`, { code: 'KAFKA_UNKNOWN_TOPIC_OR_PARTITION' })
      for (const record of records) refuseTooLarge(record)
      for (const record of records) {
        const topic = topicOf(record.topic)
        const partition = record.key === null ? topic.all.length % partitions : partitionOf(record.key, partitions)
        const log = topic.logs[partition] ?? []
        const published = { ...record, partition, offset: log.length }
        log.push(published)
        topic.all.push(published)
        all.push(published)
      }
    },
    records: topic => (topic === undefined ? all : (byTopic.get(topic)?.all ?? [])),
    partition: (topic, partition) => byTopic.get(topic)?.logs[partition] ?? [],
  }
}

/** As a broker does, by the limit that the topic's kind has. */
function refuseTooLarge(record: OutgoingRecord): void {
  // Ours have few and short headers; a character is at most three bytes. Nothing more is counted of what is far from any limit.
  if (record.keptHeaders === undefined && (record.value?.length ?? 0) * 3 < TOPIC_BYTES_MAX / 2) return
  const most = isDeadLetterTopic(record.topic) ? DEAD_LETTER_BYTES_MAX : TOPIC_BYTES_MAX
  if (BATCH_OVERHEAD_BYTES + recordBytesMax(bodyBytesOf(record)) > most)
    throw new RetryableError(`Kafka did not take the records: one is larger than ${record.topic} takes`, {
      code: 'KAFKA_MESSAGE_TOO_LARGE',
    })
}
