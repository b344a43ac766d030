/**
 * Finds the sagas that are due and wakes them: one message each on the control topic, under an id that names the
 * version that was seen, so that a sweep that runs twice or late wakes nobody twice.
 */
import { SagaWakeUp } from './control-messages.ts'
import { toRecord } from '../delivery/to-record.ts'
import type { TopicOf } from '../delivery/topics.ts'
import { sweepAll } from '../delivery/pages.ts'
import type { Clock, Item, Log, OutgoingRecord, Publisher, Store } from '../model/ports.ts'
import { WAKE_SHARDS, wakePartitionOf } from './wake-index.ts'
import type { SagaStatus } from './state.ts'
import { sagasTable } from './saga-tables.ts'

/** After which what should have begun a saga and has none is seen to: longer than any usual outage of the feed is waited out. */
export const WITHOUT_SAGA_AFTER_MS = 5 * 60_000
/**
 * Of these messages, the ids of those that are dead letters which nobody has sent back: publishing one again would only
 * make another. Throws RetryableError.
 */
export type FindDead = (
  messages: readonly { readonly sagaId: string; readonly messageId: string }[],
) => Promise<ReadonlySet<string>>
/** After which a wake-up should have been handled: from then on it is looked whether it is a dead letter. */
const OVERDUE_AFTER_MS = 3 * 60_000
/** Sagas of one page of the index; as many are read and woken at once. */
const PAGE = 100
/** Where a deadline means anything: STUCK waits for a person. */
const AWAKE = ['RUNNING', 'COMPENSATING'] as const
const isAwake = (status: SagaStatus) => AWAKE.some(awake => awake === status)

export function createSweeper(settings: {
  sagas: readonly string[]
  store: Store
  publisher: Publisher
  clock: Clock
  log: Log
  topicOf: TopicOf
  /** Where dead letters are indexed: a wake-up that is one is not published again, which would only make another. */
  findDead?: FindDead
}) {
  const { sagas, store, publisher, clock, log, findDead } = settings
  const topic = settings.topicOf(SagaWakeUp)

  return {
    /** Wakes every saga that is due now; returns how many. Throws RetryableError: the next sweep finds the rest. */
    async sweep(): Promise<number> {
      const now = clock.now()
      const total = await sweepAll(
        store,
        sagas.flatMap(saga =>
          AWAKE.flatMap(status =>
            Array.from({ length: WAKE_SHARDS }, (_, shard) => ({
              query: {
                table: sagasTable.name,
                index: 'byStatus',
                partition: { field: 'wakePartition', value: wakePartitionOf(saga, status, shard) },
                sort: { field: 'wakeAt', to: now },
                limit: PAGE,
              },
              handle: (page: Item[]) => wake(saga, page, now),
            })),
          ),
        ),
      )
      if (total > 0) log.info('saga.wake-ups', { sagas: total })
      return total
    },
  }

  async function wake(saga: string, page: readonly Item[], now: number): Promise<number> {
    // The index lags behind, and holds no versions: the items themselves are read.
    const items = await store.read(
      page.map(item => ({ table: sagasTable.name, key: { sagaKey: item['sagaKey'] as string } })),
      ['version', 'status', 'wakeAt'],
    )
    const due = items
      .filter(item => item !== undefined)
      .filter(({ status, wakeAt }) => isAwake(status as SagaStatus) && Number(wakeAt) <= now)
      .map(({ sagaKey, version, wakeAt }) => {
        const id = (sagaKey as string).slice(saga.length + 1)
        const messageId = wakeUpId({ saga, id, version: Number(version) })
        return {
          id,
          version: Number(version),
          messageId,
          sagaId: id,
          isOverdue: Number(wakeAt) < now - OVERDUE_AFTER_MS,
        }
      })
    const overdue = due.filter(({ isOverdue }) => isOverdue)
    const dead = overdue.length > 0 ? await findDead?.(overdue) : undefined
    if (dead && dead.size > 0) log.warn('saga.wake-ups-dead', { saga, sagas: dead.size })
    const records = due
      .filter(({ messageId }) => !dead?.has(messageId))
      .map(({ id, version }) => wakeUpRecord({ saga, id, version, now }, topic))
    if (records.length > 0) await publisher.publish(records)
    return records.length
  }
}

const wakeUpId = ({ saga, id, version }: { saga: string; id: string; version: number }) =>
  `wake:${saga}:${id}.${version}`

/** A saga's wake-up: its id names the version that was seen, so that the same wake-up is handled once. */
export function wakeUpRecord(
  { saga, id, version, now }: { saga: string; id: string; version: number; now: number },
  topic: string,
): OutgoingRecord {
  return toRecord(
    {
      id: wakeUpId({ saga, id, version }),
      messageType: SagaWakeUp,
      body: { sagaId: id, saga, version },
      sagaId: id,
      causationId: undefined,
      time: now,
      source: 'timeouts',
    },
    topic,
  )
}
