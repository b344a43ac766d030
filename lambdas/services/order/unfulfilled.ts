/**
 * Orders that are PENDING for long and have no saga: the change feed lost them, or gave up on them. What their item
 * remembers is published again, under its own id, so a saga that is only late is not begun twice.
 */
import { createRelay } from '#shared/messaging/relay.ts'
import type { TopicOf } from '#shared/messaging/topics.ts'
import { sweepAll } from '#shared/pages.ts'
import type { Clock, Item, Log, Publisher, Store } from '#shared/ports.ts'
import { WITHOUT_SAGA_AFTER_MS } from '#shared/saga/sweep.ts'
import { sagasTable } from '#shared/saga/tables.ts'
import { order, PENDING_SHARDS } from './rules.ts'
import { ordersTable } from './tables.ts'

/** Orders of one page of the index. */
const PAGE = 100

export function createPendingSweeper(settings: {
  /** The saga that orders begin. */
  saga: string
  store: Pick<Store, 'query' | 'read'>
  publisher: Publisher
  clock: Clock
  log: Log
  topicOf: TopicOf
}) {
  const { saga, store, clock, log } = settings
  const relay = createRelay({ ...settings, aggregates: [order] })
  return {
    /** Publishes what is missing; returns how many. Throws RetryableError: the next run finds the rest. */
    async sweep(): Promise<number> {
      const until = new Date(clock.now() - WITHOUT_SAGA_AFTER_MS).toISOString()
      const total = await sweepAll(
        store,
        Array.from({ length: PENDING_SHARDS }, (_, shard) => ({
          query: {
            table: ordersTable.name,
            index: 'pending',
            partition: { field: 'pendingShard', value: String(shard) },
            sort: { field: 'createdAt', to: until },
            limit: PAGE,
          },
          handle: publishMissing,
        })),
      )
      if (total > 0) {
        log.count('ordersWithoutSaga', total)
        log.warn('orders without a saga: published again', { orders: total })
      }
      return total
    },
  }

  async function publishMissing(page: readonly Item[]): Promise<number> {
    const ids = page.map(({ orderId }) => orderId as string)
    const items = await store.read([
      ...ids.map(orderId => ({ table: ordersTable.name, key: { orderId } })),
      ...ids.map(id => ({ table: sagasTable.name, key: { sagaKey: `${saga}:${id}` } })),
    ])
    const missing = ids.flatMap((_, i): Item[] => {
      const [found, begun] = [items[i], items[ids.length + i]]
      return found?.['status'] === 'PENDING' && !begun ? [found] : []
    })
    if (missing.length > 0) await relay.relay(ordersTable.name, missing)
    return missing.length
  }
}
