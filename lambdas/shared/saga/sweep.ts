/**
 * Finds the sagas that are due and rings their bell: one message each on the control topic, under an id that names the
 * version that was seen, so that a sweep that runs twice or late wakes nobody twice.
 */
import { SagaWakeUp } from '../messaging/control.ts'
import { toRecord } from '../messaging/envelope.ts'
import { unpackItem } from '../messaging/item.ts'
import type { TopicOf } from '../messaging/topics.ts'
import { pagesOf } from '../pages.ts'
import type { Clock, Log, OutgoingRecord, Publisher, Store } from '../ports.ts'
import { WAKE_SHARDS, wakePartitionOf } from './wake.ts'
import type { SagaState } from './state.ts'
import { sagasTable } from './tables.ts'

/** After which what should have begun a saga and has none is seen to: longer than any usual outage of the feed is waited out. */
export const WITHOUT_SAGA_AFTER_MS = 5 * 60_000
/** Sagas of one page of the index; as many are read and woken at once. */
const PAGE = 100

export function createSweeper(settings: {
  sagas: readonly string[]
  store: Store
  publisher: Publisher
  clock: Clock
  log: Log
  topicOf: TopicOf
}) {
  const { sagas, store, publisher, clock, log } = settings
  const topic = settings.topicOf(SagaWakeUp)

  return {
    /** Wakes every saga that is due now; returns how many. Throws RetryableError: the next sweep finds the rest. */
    async sweep(): Promise<number> {
      const now = clock.now()
      const partitions = sagas.flatMap(saga =>
        (['RUNNING', 'COMPENSATING'] as const).flatMap(status =>
          Array.from({ length: WAKE_SHARDS }, (_, shard) => ({
            saga,
            partition: wakePartitionOf(saga, status, shard),
          })),
        ),
      )
      const woken = await Promise.all(partitions.map(({ saga, partition }) => sweepPartition(saga, partition, now)))
      const total = woken.reduce((sum, n) => sum + n, 0)
      if (total > 0) log.info('woken', { sagas: total })
      return total
    },
  }

  async function sweepPartition(saga: string, partition: string, now: number): Promise<number> {
    let total = 0
    const query = {
      table: sagasTable.name,
      index: 'byStatus',
      partition: { field: 'wakePartition', value: partition },
      sort: { field: 'wakeAt', to: now },
      limit: PAGE,
    }
    for await (const page of pagesOf(store, query)) {
      // The index lags behind, and holds no versions: the items themselves are asked.
      const items = await store.read(
        page.map(item => ({ table: sagasTable.name, key: { sagaKey: item['sagaKey'] as string } })),
      )
      const due = items
        .filter(item => item !== undefined)
        .map(item => ({ key: item['sagaKey'] as string, stored: unpackItem<SagaState>(item) }))
      const records = due
        .filter(
          ({ stored }) =>
            (stored.state.status === 'RUNNING' || stored.state.status === 'COMPENSATING') && stored.state.wakeAt <= now,
        )
        .map(({ key, stored }) =>
          wakeUpRecord({ saga, id: key.slice(saga.length + 1), version: stored.version, now }, topic),
        )
      if (records.length > 0) await publisher.publish(records)
      total += records.length
    }
    return total
  }
}

/** What rings a saga's bell: its id names the version that was seen, so that the same bell rings once. */
export function wakeUpRecord(
  { saga, id, version, now }: { saga: string; id: string; version: number; now: number },
  topic: string,
): OutgoingRecord {
  return toRecord(
    {
      id: `wake:${saga}:${id}.${version}`,
      message: SagaWakeUp,
      body: { sagaId: id, saga, version },
      sagaId: id,
      causationId: undefined,
      time: now,
      source: 'timeouts',
    },
    topic,
  )
}
