/**
 * Finds what is pending for long and has no saga: the change feed lost it, or gave up on it. Its first message is published
 * again under its own id, so a saga that is only late is not begun twice; in an event store its saga is woken up instead.
 *
 * It can't be lost on the feed if it is among the dead letters: it came to its topic, and nobody could handle it. Published
 * again it would die again, and be one more letter with each sweep; it is left to whoever redrives the letter. For what is
 * neither begun nor dead (an orchestrator that stands still, a letter that does not say what it was) there is a backoff, and
 * an end: what has not helped by then is left to a person, and stays in the alarm.
 */
import { createBackoff } from '../delivery/backoff.ts'
import { toRecord } from '../delivery/to-record.ts'
import { sweepAll } from '../delivery/pages.ts'
import { createRelay } from '../delivery/relay.ts'
import { messageIdOf, unpackItem } from '../delivery/stored-item.ts'
import { pluralOf, type TopicOf } from '../delivery/topics.ts'
import type { Clock, Item, Log, OutgoingRecord, Publisher, Store } from '../model/ports.ts'
import { SagaWakeUp } from './control-messages.ts'
import type { FirstMessage, Pending } from './republish.ts'
import { sagasTable } from './saga-tables.ts'
import { type FindDead, wakeUpRecord, WITHOUT_SAGA_AFTER_MS } from './sweeper.ts'

/** Items of one page of the index; as many are read and published at once. */
const PAGE = 100
const MINUTE_MS = 60_000
/** Times that one item is published again by one process: the last after ten hours. */
const TIMES_MAX = 10
/**
 * Nor when it is as old: a topic keeps a message for as long, so that whoever stood still has it yet. It is far less than
 * dead letters are kept: what nobody knows of any more would be published again as if it had been lost.
 */
const STOPS_AFTER_MS = 7 * 24 * 60 * MINUTE_MS

export function createRepublisher(settings: {
  pending: Pending
  store: Pick<Store, 'query' | 'read'>
  publisher: Publisher
  clock: Clock
  log: Log
  topicOf: TopicOf
  findDead: FindDead
}) {
  const { pending, store, publisher, clock, log, topicOf, findDead } = settings
  const { aggregate, republish, sagas, byEventStore } = pending
  const { table } = aggregate
  const { index, partitions, since } = republish.index
  const [saga] = sagas
  const relay = createRelay({ ...settings, aggregates: [aggregate] })
  const backoff = createBackoff({ firstMs: WITHOUT_SAGA_AFTER_MS, timesMax: TIMES_MAX })
  const reminders = createBackoff({ firstMs: WITHOUT_SAGA_AFTER_MS, atOnce: 1, timesMax: TIMES_MAX })
  const afterMs = saga === undefined ? (republish.withoutSaga?.afterMs ?? WITHOUT_SAGA_AFTER_MS) : WITHOUT_SAGA_AFTER_MS
  const plural = pluralOf(aggregate.type)

  return {
    /** Publishes what is missing; returns how many. Throws RetryableError: the next run finds the rest. */
    async sweep(): Promise<number> {
      const now = clock.now()
      const found: Found = { missing: 0, dead: 0, stopped: 0 }
      const total = await sweepAll(
        store,
        partitions.map(value => ({
          query: {
            table: table.name,
            index: index.name,
            partition: { field: index.partition, value },
            sort: { field: index.sort.name, to: since(now - afterMs) },
            limit: PAGE,
          },
          handle: page => publishPage(page, now, found),
        })),
      )
      // Counted as long as they have no saga, published again or not: the alarm stays until somebody has seen to them.
      if (found.missing > 0) log.count(`${plural}WithoutSaga`, found.missing)
      if (total > 0) log[saga === undefined ? 'info' : 'warn'](`${plural}.republished`, { [plural]: total })
      if (found.dead > 0) log.warn(`${plural}.dead-lettered`, { [plural]: found.dead })
      if (found.stopped > 0) log.error(`${plural}.republish-stopped`, { [plural]: found.stopped })
      return total
    },
  }

  async function publishPage(page: readonly Item[], now: number, found: Found): Promise<number> {
    // The index lags behind: the items themselves are asked.
    const keys = page.map(item => item[table.partition] as string)
    const items = await store.read(keys.map(key => ({ table: table.name, key: { [table.partition]: key } })))
    const waiting = items.flatMap((item, i): Waiting[] =>
      item !== undefined && isPending(item) ? [waitingOf(item, keys[i] as string)] : [],
    )
    if (saga !== undefined) return beginLost(saga, waiting, now, found)
    return remind(waiting, now, found)
  }

  /** Where nobody else keeps time. Once a minute, however often it is swept; what is a dead letter only once it is to end, and ever more rarely. */
  async function remind(waiting: readonly Waiting[], now: number, found: Found): Promise<number> {
    const { isDue, endsAfterMs } = republish.withoutSaga ?? { isDue: () => false, endsAfterMs: 0 }
    const due = waiting.flatMap(one => {
      const ageMs = one.first && now - one.first.time
      return one.first && ageMs !== undefined && isDue(ageMs) ? [{ one, id: one.first.id, ageMs }] : []
    })
    if (due.length === 0) return 0
    const dead = await findDead(due.map(({ one: { sagaId }, id }) => ({ sagaId, messageId: id })))
    const wanted = due.filter(({ id, ageMs }) => !dead.has(id) || ageMs >= endsAfterMs)
    found.dead += due.length - wanted.length
    const keyOf = ({ id, ageMs }: (typeof due)[number]) =>
      dead.has(id) ? id : `${id}@${Math.floor(ageMs / MINUTE_MS)}`
    const young = wanted.filter(({ one }) => isYoung(now, one.first?.time ?? one.committedAt))
    const turn = reminders.due(young.map(keyOf), now)
    const again = young.filter(each => turn.has(keyOf(each))).map(({ one }) => one)
    found.stopped += wanted.length - young.length + reminders.spent(young.map(keyOf))
    await publish(again)
    return again.length
  }

  /** Not what is a dead letter, which would only be one more; and what has not helped, ever more rarely. */
  async function beginLost(saga: string, waiting: readonly Waiting[], now: number, found: Found): Promise<number> {
    const missing = await withoutSaga(saga, waiting, now)
    if (missing.length === 0) return 0
    // A wake-up that died says nothing of the next one: who discards it counts on that.
    const dead = byEventStore
      ? new Set()
      : await findDead(missing.flatMap(({ sagaId, ids }) => ids.map(messageId => ({ sagaId, messageId }))))
    const lost = missing.filter(({ ids }) => !ids.some(id => dead.has(id)))
    found.missing += missing.length
    found.dead += missing.length - lost.length
    const young = lost.filter(({ first, committedAt }) => isYoung(now, first?.time ?? committedAt))
    const due = backoff.due(young.map(backoffKeyOf), now)
    const again = young.filter(one => due.has(backoffKeyOf(one)))
    found.stopped += lost.length - young.length + backoff.spent(young.map(backoffKeyOf))
    await publish(again)
    return again.length
  }

  /** Those of which no saga knows; where an event store drives it, as what it is to be woken by. */
  async function withoutSaga(saga: string, waiting: readonly Waiting[], now: number): Promise<Waiting[]> {
    const keysOf = ({ sagaId }: Waiting) => sagas.map(name => ({ sagaKey: `${name}:${sagaId}` }))
    const read = await store.read(waiting.flatMap(keysOf).map(key => ({ table: sagasTable.name, key })))
    return waiting.flatMap((one, i): Waiting[] => {
      const begun = read.slice(i * sagas.length, (i + 1) * sagas.length)
      if (!byEventStore) return begun.some(item => item !== undefined) || isUnknown(one) ? [] : [one]
      // It may have been woken for nothing: then there is an item that has not begun.
      if (begun.some(item => item?.['status'] !== undefined)) return []
      const version = Number(begun[0]?.['version'] ?? 0)
      const record = wakeUpRecord({ saga, id: one.sagaId, version, now }, topicOf(SagaWakeUp))
      return [{ ...one, record, ids: [record.headers['ce_id'] as string] }]
    })
  }

  /** Whose first message nobody here has heard of. */
  function isUnknown({ first }: Waiting): boolean {
    return republish.first !== undefined && first === undefined
  }

  function isPending(item: Item): boolean {
    return Object.entries(republish.while).every(([field, value]) => item[field] === value)
  }

  function waitingOf(item: Item, key: string): Waiting {
    const { state, sent, committedAt } = unpackItem<object>(item)
    const sagaId = aggregate.sagaIdOf?.(state, key) ?? key
    if (!republish.first)
      return {
        item,
        key,
        sagaId,
        committedAt,
        ids: sent.map(({ version, n }) => messageIdOf(aggregate, key, version, n)),
      }
    const first = republish.first({ key, state })
    return {
      item,
      key,
      sagaId,
      committedAt,
      ids: first ? [first.id] : [],
      first,
      record: first && recordOf(first, sagaId),
    }
  }

  function recordOf({ id, message: messageType, body, time }: FirstMessage, sagaId: string): OutgoingRecord {
    const source = aggregate.type
    return toRecord({ id, causationId: undefined, time, source, messageType, body, sagaId }, topicOf(messageType))
  }

  async function publish(waiting: readonly Waiting[]): Promise<void> {
    const records = waiting.flatMap(({ record }) => record ?? [])
    if (records.length > 0) await publisher.publish(records)
    const items = republish.first || byEventStore ? [] : waiting.map(({ item }) => item)
    if (items.length > 0) await relay.relay(table.name, items)
  }
}

/** Of what does not say since when, nobody can say that it is old. */
const isYoung = (now: number, since: number) => since === 0 || now - since < STOPS_AFTER_MS

interface Found {
  missing: number
  dead: number
  stopped: number
}

interface Waiting {
  readonly item: Item
  readonly key: string
  readonly sagaId: string
  /** When it was changed last: milliseconds since 1970. */
  readonly committedAt: number
  /** The ids of what is published again. */
  readonly ids: readonly string[]
  readonly first?: FirstMessage | undefined
  /** What is published; none: what the item's last commit published. */
  readonly record?: OutgoingRecord | undefined
}

const backoffKeyOf = ({ ids, key }: Waiting) => ids.join() || key
