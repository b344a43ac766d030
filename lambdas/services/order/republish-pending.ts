/**
 * Orders that are PENDING for long and have no saga: the change feed lost them, or gave up on them. What their item
 * remembers is published again, under its own id, so a saga that is only late is not begun twice.
 *
 * It can't be lost on the feed if it is among the dead letters: it came to its topic, and nobody could handle it. Published
 * again it would die again, and be one more letter with each sweep; it is left to whoever redrives the letter. For what is
 * neither begun nor dead (an orchestrator that stands still, a letter that does not say what it was) there is a backoff.
 */
import { createBackoff } from '#engine/delivery/backoff.ts'
import { messageIdOf, unpackItem } from '#engine/delivery/stored-item.ts'
import { createRelay } from '#engine/delivery/relay.ts'
import type { TopicOf } from '#engine/delivery/topics.ts'
import { sweepAll } from '#engine/delivery/pages.ts'
import type { Clock, Item, Log, Publisher, Store } from '#engine/model/ports.ts'
import { type FindDead, WITHOUT_SAGA_AFTER_MS } from '#engine/saga/sweeper.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { order, type Order, PENDING_SHARDS } from './rules.ts'
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
  findDead: FindDead
}) {
  const { saga, store, clock, log, findDead } = settings
  const relay = createRelay({ ...settings, aggregates: [order] })
  const backoff = createBackoff({ firstMs: WITHOUT_SAGA_AFTER_MS })
  return {
    /** Publishes what is missing; returns how many. Throws RetryableError: the next run finds the rest. */
    async sweep(): Promise<number> {
      const until = new Date(clock.now() - WITHOUT_SAGA_AFTER_MS).toISOString()
      const found = { missing: 0, dead: 0 }
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
          handle: page => publishMissing(page, found),
        })),
      )
      // Counted as long as they have no saga, published again or not: the alarm stays until somebody has seen to them.
      if (found.missing > 0) log.count('ordersWithoutSaga', found.missing)
      if (total > 0) log.warn('orders.republished', { orders: total })
      if (found.dead > 0) log.warn('orders.dead-lettered', { orders: found.dead })
      return total
    },
  }

  async function publishMissing(page: readonly Item[], found: { missing: number; dead: number }): Promise<number> {
    const ids = page.map(({ orderId }) => orderId as string)
    const items = await store.read([
      ...ids.map(orderId => ({ table: ordersTable.name, key: { orderId } })),
      ...ids.map(id => ({ table: sagasTable.name, key: { sagaKey: `${saga}:${id}` } })),
    ])
    const missing = ids.flatMap((id, i): Missing[] => {
      const [item, begun] = [items[i], items[ids.length + i]]
      return item?.['status'] === 'PENDING' && !begun ? [{ id, item, messages: messagesOf(id, item) }] : []
    })
    if (missing.length === 0) return 0
    const dead = await findDead(
      missing.flatMap(({ id, messages }) => messages.map(messageId => ({ sagaId: id, messageId }))),
    )
    const lost = missing.filter(({ messages }) => !messages.some(message => dead.has(message)))
    found.missing += missing.length
    found.dead += missing.length - lost.length
    const due = backoff.due(
      lost.map(({ id }) => id),
      clock.now(),
    )
    const again = lost.filter(({ id }) => due.has(id)).map(({ item }) => item)
    if (again.length > 0) await relay.relay(ordersTable.name, again)
    return again.length
  }
}

interface Missing {
  readonly id: string
  readonly item: Item
  /** The ids of what its last commit caused. */
  readonly messages: readonly string[]
}

const messagesOf = (id: string, item: Item) =>
  unpackItem<Order>(item).sent.map(({ version, n }) => messageIdOf(order, id, version, n))
