/**
 * Quotes that are APPROVED for long. In choreography nobody else keeps time: their approval is said again under its own
 * id, so that whoever did not act on it does, and past its deadline the quote rejects itself when it hears that. Where
 * there is a saga it keeps time, so only a quote without one is seen to: its change was lost by the feed.
 */
import { createBackoff } from '#engine/delivery/backoff.ts'
import { SagaWakeUp } from '#engine/saga/control-messages.ts'
import { toRecord } from '#engine/delivery/to-record.ts'
import { unpackItem } from '#engine/delivery/stored-item.ts'
import type { TopicOf } from '#engine/delivery/topics.ts'
import { sweepAll } from '#engine/delivery/pages.ts'
import type { Clock, Item, Log, OutgoingRecord, Publisher, Store } from '#engine/model/ports.ts'
import { type FindDead, wakeUpRecord, WITHOUT_SAGA_AFTER_MS } from '#engine/saga/sweeper.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import type { Quoting } from '../../quoting.ts'
import { choreographedQuote, DEADLINE_MS } from './choreographed.ts'
import { QuoteApproved } from './contract.ts'
import { type Quote, REMIND_AFTER_MS, remindPartition } from './rules.ts'
import { quotesTable, REMIND_SHARDS } from './tables.ts'

/** Quotes of one page of the index; as many are read and said again at once. */
const PAGE = 100

export function createReminder(settings: {
  quoting: Quoting
  /** The saga that approvals begin. */
  saga: string
  store: Pick<Store, 'query' | 'read'>
  publisher: Publisher
  clock: Clock
  log: Log
  topicOf: TopicOf
  findDead: FindDead
}) {
  const { quoting, saga, store, publisher, clock, log, topicOf, findDead } = settings
  const backoff = createBackoff({ firstMs: WITHOUT_SAGA_AFTER_MS })
  const after = quoting === 'choreography' ? REMIND_AFTER_MS : WITHOUT_SAGA_AFTER_MS
  return {
    /** Sees to what is due; returns how many. Throws RetryableError: the next run finds the rest. */
    async remind(): Promise<number> {
      const now = clock.now()
      const total = await sweepAll(
        store,
        Array.from({ length: REMIND_SHARDS }, (_, shard) => ({
          query: {
            table: quotesTable.name,
            index: 'byReminder',
            partition: { field: 'remindPartition', value: remindPartition(shard) },
            sort: { field: 'remindAt', to: now - after + REMIND_AFTER_MS },
            limit: PAGE,
          },
          handle: (page: Item[]) => remindPage(page, now),
        })),
      )
      if (total > 0) log.info('quotes.republished', { quotes: total })
      return total
    },
  }

  async function remindPage(page: readonly Item[], now: number): Promise<number> {
    const ids = page.map(({ quoteID }) => quoteID as string)
    // The index lags behind: the items themselves are asked.
    const items = await store.read(ids.map(quoteID => ({ table: quotesTable.name, key: { quoteID } })))
    const due = items.filter(item => item?.['status'] === 'APPROVED') as Item[]
    const records =
      quoting === 'choreography'
        ? due.flatMap(item => republish(item, now, topicOf(QuoteApproved)))
        : await beginLost(due)
    if (records.length > 0) await publisher.publish(records)
    return records.length
  }

  /**
   * The approval again, or in an event store a bell for the stream that it is in. Not what is a dead letter, which would
   * only be one more; and what has not helped, ever more rarely.
   */
  async function beginLost(quotes: readonly Item[]): Promise<OutgoingRecord[]> {
    const keys = quotes.map(({ quoteID }) => ({ sagaKey: `${saga}:${quoteID as string}` }))
    const sagas = await store.read(keys.map(key => ({ table: sagasTable.name, key })))
    const records = quotes.flatMap((item, i) => {
      if (sagas[i]?.['status'] !== undefined) return []
      const sagaId = item['quoteID'] as string
      const version = Number(sagas[i]?.['version'] ?? 0)
      const found =
        quoting === 'event-sourcing'
          ? [wakeUpRecord({ saga, id: sagaId, version, now: clock.now() }, topicOf(SagaWakeUp))]
          : approvalOf(item, topicOf(QuoteApproved))
      return found.map(record => ({ record, sagaId, messageId: record.headers['ce_id'] as string }))
    })
    if (records.length === 0) return []
    // A wake-up that died says nothing of the next one: who discards it counts on that.
    const dead = quoting === 'event-sourcing' ? new Set() : await findDead(records)
    if (dead.size > 0) log.warn('quotes.dead-lettered', { quotes: dead.size })
    const lost = records.filter(({ messageId }) => !dead.has(messageId))
    const due = backoff.due(
      lost.map(({ messageId }) => messageId),
      clock.now(),
    )
    return lost.filter(({ messageId }) => due.has(messageId)).map(({ record }) => record)
  }
}

/** If it is time: an outage must not be answered with a flood. */
function republish(item: Item, now: number, topic: string): OutgoingRecord[] {
  const { approvedAt } = unpackItem<Quote>(item).state
  return approvedAt !== undefined && isTime(now - Date.parse(approvedAt)) ? approvalOf(item, topic) : []
}

/** The approval once more, byte for byte. */
function approvalOf(item: Item, topic: string): OutgoingRecord[] {
  const { approvedAt, approvalId, premium, customerId } = unpackItem<Quote>(item).state
  if (approvedAt === undefined || approvalId === undefined) return []
  const sagaId = item['quoteID'] as string
  const source = choreographedQuote.type
  const body = { quoteID: sagaId, premium, customerId }
  const about = { id: approvalId, causationId: undefined, time: Date.parse(approvedAt), source }
  return [toRecord({ ...about, messageType: QuoteApproved, body, sagaId }, topic)]
}

/** In the minutes 1, 2, 4, 8 … of its age, and always past the deadline. */
export function isTime(ageMs: number): boolean {
  if (ageMs < REMIND_AFTER_MS) return false
  if (ageMs >= DEADLINE_MS) return true
  const last = 2 ** Math.floor(Math.log2(ageMs / REMIND_AFTER_MS)) * REMIND_AFTER_MS
  return ageMs < last + REMIND_AFTER_MS
}
