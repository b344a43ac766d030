import type { Admin, Kafka } from 'kafkajs'
import { sleep } from '../sources/sleep.ts'
import type { TopicPlan } from '../template/plan-types.ts'
import { type AdminOptions, NotYet, withAdmin } from './admin.ts'

/**
 * Every topic of the templates with at least its partitions, each with a leader. One that is there keeps its records and
 * its configuration; one with fewer partitions gets the missing ones; one with more keeps them.
 */
export const createTopics = (
  kafka: Kafka,
  topics: readonly TopicPlan[],
  options: Omit<AdminOptions, 'what'>,
): Promise<void> =>
  withAdmin(kafka, { ...options, what: 'create topics' }, async admin => {
    const present = new Set(await admin.listTopics())
    await createMissing(
      admin,
      topics.filter(({ name }) => !present.has(name)),
    )
    await addPartitions(
      admin,
      topics.filter(({ name }) => present.has(name)),
    )
    await untilThere(admin, topics)
  })

async function createMissing(admin: Admin, topics: readonly TopicPlan[]) {
  if (topics.length === 0) return
  // False if another runtime on the same broker was first.
  await admin.createTopics({
    // One broker holds one replica, whatever the templates ask of a cluster.
    topics: topics.map(({ name, partitions, configs }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: 1,
      configEntries: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    })),
    // Also of those that an attempt before this one has made: `untilThere`.
    waitForLeaders: false,
  })
}

async function addPartitions(admin: Admin, topics: readonly TopicPlan[]) {
  const missing = await lackingOf(admin, topics)
  if (missing.length === 0) return
  await admin.createPartitions({
    topicPartitions: missing.map(({ name, partitions }) => ({ topic: name, count: partitions })),
  })
}

const LOOKS_MAX = 100
const LOOK_EVERY_MS = 100

/** A consumer that joins before the broker tells of a partition would not read it. */
async function untilThere(admin: Admin, topics: readonly TopicPlan[]) {
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    if ((await lackingOf(admin, topics)).length === 0) return
    await sleep(LOOK_EVERY_MS)
  }
  throw new NotYet('partitions without a leader')
}

/** Those that have fewer partitions with a leader than they should. */
async function lackingOf(admin: Admin, topics: readonly TopicPlan[]): Promise<readonly TopicPlan[]> {
  if (topics.length === 0) return []
  // Of all topics: what was made a moment ago, and asked for by its name, would be an error while it has no leader.
  const metadata = await admin.fetchTopicMetadata()
  const led = new Map(
    metadata.topics.map(({ name, partitions }) => [name, partitions.filter(({ leader }) => leader >= 0).length]),
  )
  return topics.filter(({ name, partitions }) => (led.get(name) ?? 0) < partitions)
}
