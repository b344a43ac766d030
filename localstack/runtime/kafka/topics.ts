import type { Admin, Kafka } from 'kafkajs'
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
    if ((error as { type?: string }).type !== 'TOPIC_ALREADY_EXISTS') throw error
  }
}

async function addPartitions(admin: Admin, topics: readonly TopicPlan[]) {
  const lacking = async () => {
    if (topics.length === 0) return []
    const metadata = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) })
    const now = new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]))
    return topics.filter(({ name, partitions }) => (now.get(name) ?? 0) < partitions)
  }
  const missing = await lacking()
  if (missing.length === 0) return
  await admin.createPartitions({
    topicPartitions: missing.map(({ name, partitions }) => ({ topic: name, count: partitions })),
  })
  // A consumer that joins before the broker tells of them would not read them.
  for (let tries = 0; tries < 50 && (await lacking()).length > 0; tries += 1)
    await new Promise(resolve => setTimeout(resolve, 100))
}
