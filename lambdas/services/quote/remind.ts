/**
 * In choreography the quote service owns time: what a long-APPROVED quote said is said again, under its own id, so that
 * whoever did not act on it does. Past its deadline the quote rejects itself when it hears that.
 */
import { toRecord } from '#shared/messaging/envelope.ts'
import { unpackItem } from '#shared/messaging/item.ts'
import type { TopicOf } from '#shared/messaging/topics.ts'
import type { Clock, Item, Key, Log, OutgoingRecord, Publisher, Store } from '#shared/ports.ts'
import { DEADLINE_MS, quoteReactions, REMIND_AFTER_MS, remindPartition } from './choreographed.ts'
import { QuoteApproved } from './contract.ts'
import type { Quote } from './rules.ts'
import { quotesTable, REMIND_SHARDS } from './tables.ts'

/** Quotes of one page of the index; as many are read and said again at once. */
const PAGE = 100

export function createReminder(settings: {
  store: Pick<Store, 'query' | 'read'>
  publisher: Publisher
  clock: Clock
  log: Log
  topicOf: TopicOf
}) {
  const { store, publisher, clock, log } = settings
  const topic = settings.topicOf(QuoteApproved)
  return {
    /** Says again what is due; returns how many. Throws RetryableError: the next run finds the rest. */
    async remind(): Promise<number> {
      const now = clock.now()
      const shards = Array.from({ length: REMIND_SHARDS }, (_, shard) => remindShard(remindPartition(shard), now))
      const total = (await Promise.all(shards)).reduce((sum, n) => sum + n, 0)
      if (total > 0) log.info('said again', { quotes: total })
      return total
    },
  }

  async function remindShard(partition: string, now: number): Promise<number> {
    let total = 0
    let after: Key | undefined
    do {
      const page = await store.query({
        table: quotesTable.name,
        index: 'byReminder',
        partition: { field: 'remindPartition', value: partition },
        sort: { field: 'remindAt', to: now },
        limit: PAGE,
        ...(after && { after }),
      })
      after = page.next
      const refs = page.items.map(({ quoteID }) => ({ table: quotesTable.name, key: { quoteID: quoteID as string } }))
      // The index lags behind: the items themselves are asked.
      const items = refs.length > 0 ? await store.read(refs) : []
      const records = items.flatMap(item => (item ? reminderOf(item, now, topic) : []))
      if (records.length > 0) await publisher.publish(records)
      total += records.length
    } while (after)
    return total
  }
}

/** The approval once more, byte for byte, if the quote is still APPROVED and it is time. */
function reminderOf(item: Item, now: number, topic: string): OutgoingRecord[] {
  const { state } = unpackItem<Quote>(item)
  const { status, approvedAt, approvalId, premium, customerId } = state
  if (status !== 'APPROVED' || approvedAt === undefined || approvalId === undefined) return []
  const time = Date.parse(approvedAt)
  if (!isTime(now - time)) return []
  const sagaId = item['quoteID'] as string
  const source = quoteReactions.aggregate.type
  const body = { quoteID: sagaId, premium, customerId }
  return [
    toRecord({ id: approvalId, message: QuoteApproved, body, sagaId, causationId: undefined, time, source }, topic),
  ]
}

/** In the minutes 1, 2, 4, 8 … of its age, and always past the deadline: an outage must not be answered with a flood. */
export function isTime(ageMs: number): boolean {
  if (ageMs < REMIND_AFTER_MS) return false
  if (ageMs >= DEADLINE_MS) return true
  const last = 2 ** Math.floor(Math.log2(ageMs / REMIND_AFTER_MS)) * REMIND_AFTER_MS
  return ageMs < last + REMIND_AFTER_MS
}
