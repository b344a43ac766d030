/** Sends back what an operator decided to redrive: the change feed triggers it, and the record goes to its topic as it was. */
import { RetryableError } from '#engine/model/errors.ts'
import { type IncomingRecord, positionId } from '#engine/delivery/envelope.ts'
import { summaryOfRecord } from '#engine/delivery/record-summary.ts'
import type { Item, Log, OutgoingRecord, Publisher, Store } from '#engine/model/ports.ts'
import { decided, type Decided, letterRef, readRecords } from './dead-letter-item.ts'

interface Ports {
  readonly store: Pick<Store, 'commit' | 'read'>
  readonly publisher: Publisher
  readonly log: Log
}

/** Parts of records (300 KB each) that are read and published in one go. */
const PARTS_AT_ONCE = 16
/** What Kafka will say of such a record as often as it is asked: it would hold up all that come after it. */
const NEVER = new Set(['KAFKA_MESSAGE_TOO_LARGE', 'KAFKA_RECORD_LIST_TOO_LARGE', 'KAFKA_UNKNOWN_TOPIC_OR_PARTITION'])

/** Resolves when all of it is acknowledged. A letter that Kafka does not take waits again, and says why. Throws RetryableError. */
export function createRedriver({ store, publisher, log }: Ports) {
  return async (items: readonly Item[]): Promise<void> => {
    for (const group of groupsOf(items)) {
      const records = await readRecords(store, group)
      const found = group.flatMap((item, i) => {
        const record = records[i]
        if (!record) log.error('dead-letter.expired', { id: item['id'] })
        return record ? [{ item, record: asItWas(record) }] : []
      })
      try {
        await publisher.publish(found.map(({ record }) => record))
        for (const { item } of found) redriven(item)
      } catch (error) {
        if (!isNever(error)) throw error
        for (const one of found) await alone(one)
      }
    }
  }

  async function alone({ item, record }: { item: Item; record: OutgoingRecord }): Promise<void> {
    try {
      await publisher.publish([record])
      redriven(item)
    } catch (error) {
      if (!isNever(error)) throw error
      log.error('dead-letter.redrive-failed', { id: item['id'], error })
      const last = (item['decisions'] as unknown as readonly Decided[]).at(-1)
      const waits = { status: 'WAITING', by: 'recourse', reason: error.message, at: last?.at ?? '' } as const
      // Lost: somebody has decided anew meanwhile.
      const [result] = await store.commit([
        { ref: letterRef(item['id'] as string), previous: item, item: decided(item, waits) },
      ])
      if (result?.outcome === 'failed') throw result.error
    }
  }

  function redriven(item: Item) {
    log.count('redriven', 1, { topic: item['topic'] as string })
    log.info('dead-letter.redriven', { id: item['id'], topic: item['topic'], messageId: item['messageId'] })
  }
}

/**
 * The record as it was before it was given up on, its headers one by one. Behind them stands only what its new place would
 * change: one that had no id gets the one that it was known by, which is made of where it was first seen. When it first
 * came is in its letter (`dlq_timestamp`).
 */
export function asItWas(record: IncomingRecord): OutgoingRecord {
  const { topic, key, value, headers } = record
  return {
    topic,
    key,
    value,
    keptHeaders: headers,
    headers: summaryOfRecord(record, []).hasId ? {} : { ce_id: positionId(record) },
  }
}

const isNever = (error: unknown): error is RetryableError => error instanceof RetryableError && NEVER.has(error.code)

function groupsOf(items: readonly Item[]): Item[][] {
  const groups: Item[][] = []
  let parts = PARTS_AT_ONCE
  for (const item of items) {
    const own = Number(item['parts'])
    if (parts + own > PARTS_AT_ONCE) {
      groups.push([])
      parts = 0
    }
    groups.at(-1)?.push(item)
    parts += own
  }
  return groups
}
