/** `/consumers`: what operators see of consumers. Each writes down itself since when it fails (`failure-entry.ts`). */
import { consumersTable, entryOf, type FailureEntry, isFailing } from '#engine/delivery/failure-entry.ts'
import { pagesOf } from '#engine/delivery/pages.ts'
import type { Store } from '#engine/model/ports.ts'
import type * as z from 'zod'
import type { ConsumerShown } from './consumers-routes.ts'

/** The topics of each consumer, by its function's name. */
export type Consumers = Readonly<Record<string, readonly string[]>>

/** Entries of one consumer that are read at once: more partitions than most have. */
const PAGE = 100

/** Every consumer with every topic of it, failing or not. Throws RetryableError. */
export async function listConsumers(
  store: Pick<Store, 'query'>,
  consumers: Consumers,
  now: number,
): Promise<z.infer<typeof ConsumerShown>[]> {
  const listed = await Promise.all(
    Object.entries(consumers).map(async ([consumer, topics]) => {
      const failing = (await entriesOf(store, consumer)).filter(entry => isFailing(entry, now))
      return topics.map(topic => shown(consumer, topic, failing))
    }),
  )
  return listed.flat()
}

async function entriesOf(store: Pick<Store, 'query'>, consumer: string): Promise<FailureEntry[]> {
  const query = { table: consumersTable.name, partition: { field: 'consumer', value: consumer }, limit: PAGE }
  const entries: FailureEntry[] = []
  for await (const items of pagesOf(store, query)) entries.push(...items.flatMap(item => entryOf(item) ?? []))
  return entries
}

/** Of its partitions, the one that has failed for longest. */
function shown(consumer: string, topic: string, failing: readonly FailureEntry[]): z.infer<typeof ConsumerShown> {
  const [worst] = failing.filter(entry => entry.topic === topic).toSorted((a, b) => a.failingSince - b.failingSince)
  if (!worst) return { consumer, topic }
  const { failingSince, lastError, partition, offset } = worst
  return {
    consumer,
    topic,
    failingSince: new Date(failingSince).toISOString(),
    lastError,
    blockedRecord: { topic, partition, offset },
  }
}
