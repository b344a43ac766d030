import { type Admin, type Kafka, KafkaJSProtocolError } from 'kafkajs'
import type { TopicPlan } from '../template/plan.ts'

/**
 * Every topic of the templates with at least its partitions. One that is there keeps its records and its configuration;
 * one with fewer partitions gets the missing ones; one with more keeps them.
 */
export async function createTopics(kafka: Kafka, topics: readonly TopicPlan[]): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const present = new Set(await admin.listTopics())
    await createMissing(
      admin,
      topics.filter(({ name }) => !present.has(name)),
    )
    await addPartitions(
      admin,
      topics.filter(({ name }) => present.has(name)),
    )
  } finally {
    await admin.disconnect()
  }
}

async function createMissing(admin: Admin, topics: readonly TopicPlan[]) {
  if (topics.length === 0) return
  try {
    await admin.createTopics({
      // One broker holds one replica, whatever the templates ask of a cluster.
      topics: topics.map(({ name, partitions, configs }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: 1,
        configEntries: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      })),
      waitForLeaders: true,
    })
  } catch (error) {
    // Another runtime on the same broker was first.
    if (!(error instanceof KafkaJSProtocolError && error.type === 'TOPIC_ALREADY_EXISTS')) throw error
  }
}

async function addPartitions(admin: Admin, topics: readonly TopicPlan[]) {
  if (topics.length === 0) return
  const metadata = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) })
  const now = new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]))
  const topicPartitions = topics
    .filter(({ name, partitions }) => (now.get(name) ?? 0) < partitions)
    .map(({ name, partitions }) => ({ topic: name, count: partitions }))
  if (topicPartitions.length > 0) await admin.createPartitions({ topicPartitions })
}
