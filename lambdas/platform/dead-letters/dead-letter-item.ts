/**
 * How a dead letter is kept: one small item that lists show and decisions change, and beside it the record itself, in as
 * many items as its bytes need. So a decision costs one write unit, however large the record is, and a record of any size
 * can be shown and sent again by functions that consume nothing.
 */
import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import { hasAtMost } from '#engine/model/text.ts'
import { type RecordSummary, summaryOfRecord } from '#engine/delivery/record-summary.ts'
import type { Item, Ref, Row, Store } from '#engine/model/ports.ts'
import { utf8Of } from '#engine/delivery/given-text.ts'
import type { Letter } from './dead-letter-record.ts'
import { deadLettersTable } from './tables.ts'

export const letterStatuses = ['WAITING', 'REDRIVEN', 'DISCARDED'] as const
export type LetterStatus = (typeof letterStatuses)[number]

/** What an operator decided, and why. */
export interface Decided {
  readonly status: LetterStatus
  readonly by: string
  readonly reason: string
  /** ISO 8601, UTC. */
  readonly at: string
}

/** As long as the topic keeps it. */
const KEPT_SECONDS = 30 * 24 * 60 * 60
const DAY_MS = 24 * 60 * 60 * 1000
/** Characters of one part, each a byte: three quarters of what an item may hold. */
const PART_LENGTH = 300_000
const TEXT_MAX = 256
/** In base64 as long as a text. */
const KEY_BYTES_MAX = 192
const DECISIONS_MAX = 20

/** A letter's items. `cameAt`: when it came to the dead letters, milliseconds since 1970, as its writer says; `now` if that can't be. */
export function itemsOf(
  letter: Letter,
  { cameAt, now, sagaFields }: { cameAt: number; now: number; sagaFields: readonly string[] },
): { item: Item; parts: Row[] } {
  const { id, record, consumer, reason, error, attempts, redrivable } = letter
  const summary: RecordSummary = summaryOfRecord(record, sagaFields)
  const ms = cameAt > now - 40 * DAY_MS && cameAt < now + DAY_MS ? cameAt : now
  const at = new Date(ms).toISOString()
  const expiresAt = Math.floor(ms / 1000) + KEPT_SECONDS
  const texts = slices(JSON.stringify(packed(record)))
  const key = record.key && shownKey(record.key)
  return {
    item: {
      id,
      version: 1,
      ...placedAs(record.topic, 'WAITING'),
      topic: record.topic,
      partition: record.partition,
      offset: record.offset,
      timestamp: record.timestamp,
      key: key && key.text,
      ...(key?.binary && { keyEncoding: 'base64' }),
      reason: reason.toWellFormed(),
      error: error.toWellFormed(),
      consumer: consumer.toWellFormed(),
      attempts,
      at,
      arrived: `${at}#${id}`,
      messageId: summary.id.toWellFormed(),
      ...(summary.type !== undefined && { type: shortText(summary.type) }),
      ...(summary.sagaId !== undefined && { sagaId: shortText(summary.sagaId) }),
      ...(!redrivable && { redrivable }),
      parts: texts.length,
      expiresAt,
    },
    parts: texts.map((text, n) => ({ ref: partRef(id, n), item: { id: `${id}.${n}`, text, expiresAt } })),
  }
}

/** Cut to characters, not within one: a saga's id of 256 is whole, and tables keep no half of one. */
const shortText = (text: string) =>
  (hasAtMost(text, TEXT_MAX)
    ? text
    : Array.from(text.slice(0, 2 * TEXT_MAX))
        .slice(0, TEXT_MAX)
        .join('')
  ).toWellFormed()

/** Text, or what is no text in base64: two keys that differ are not shown as one. */
function shownKey(bytes: Uint8Array): { text: string; binary: boolean } {
  const text = utf8Of(bytes)
  return text === undefined
    ? { text: base64(bytes.subarray(0, KEY_BYTES_MAX)), binary: true }
    : { text: shortText(text), binary: false }
}

/** The item with one more decision. A redrive is marked for the change feed; nothing else is. */
export function decided(item: Item, decision: Decided): Item {
  const { publishByChangeFeed: _, ...rest } = item
  const before = (item['decisions'] ?? []) as readonly Item[]
  return {
    ...rest,
    ...placedAs(item['topic'] as string, decision.status),
    version: Number(item['version']) + 1,
    decisions: [...before, { ...decision }].slice(-DECISIONS_MAX),
    ...(decision.status === 'REDRIVEN' && { publishByChangeFeed: true }),
  }
}

/** A status, and what the index by topic is made of. */
export const topicStatusOf = (topic: string, status: LetterStatus) => `${topic}#${status}`
const placedAs = (topic: string, status: LetterStatus) => ({ status, topicStatus: topicStatusOf(topic, status) })

export const letterRef = (id: string): Ref => ({ table: deadLettersTable.name, key: { id } })
const partRef = (id: string, n: number) => letterRef(`${id}.${n}`)

/** The records of letters, in order; undefined where it has expired meanwhile. One read for all. Throws RetryableError. */
export async function readRecords(
  store: Pick<Store, 'read'>,
  items: readonly Item[],
): Promise<(IncomingRecord | undefined)[]> {
  const refs = items.map(item =>
    Array.from({ length: Number(item['parts']) }, (_, n) => partRef(item['id'] as string, n)),
  )
  const parts = await store.read(refs.flat())
  let next = 0
  return items.map((item, i) => {
    const own = (refs[i] ?? []).map(() => parts[next++])
    return own.every(part => part !== undefined)
      ? unpacked(item, own.map(part => part['text'] as string).join(''))
      : undefined
  })
}

/** Letters of one saga that are listed with it, at most. */
const OF_SAGA_MAX = 100

/** The ids of a saga's letters, newest first, whatever was decided on them. Throws RetryableError. */
export async function lettersOfSaga(store: Pick<Store, 'query'>, sagaId: string): Promise<string[]> {
  const { items } = await store.query({
    table: deadLettersTable.name,
    index: 'bySaga',
    partition: { field: 'sagaId', value: sagaId },
    descending: true,
    limit: OF_SAGA_MAX,
  })
  return items.map(({ id }) => id as string)
}

/** A message, and the saga that it is about. */
export interface MessageOfSaga {
  readonly sagaId: string
  readonly messageId: string
}

/**
 * Of these messages, the ids of those that are dead: they reached their topic, could not be handled, and wait for a person
 * or were set aside by one. What was redriven is on its way again, and is no longer. Throws RetryableError.
 */
export async function deadMessages(
  store: Pick<Store, 'query' | 'read'>,
  messages: readonly MessageOfSaga[],
): Promise<ReadonlySet<string>> {
  const ids = await Promise.all(messages.map(({ sagaId }) => lettersOfSaga(store, sagaId)))
  const wanted = new Set(messages.map(({ messageId }) => messageId))
  const letters = await store.read([...new Set(ids.flat())].map(letterRef), ['messageId', 'status'])
  return new Set(
    letters.flatMap(letter => {
      const messageId = letter?.['messageId'] as string | undefined
      return messageId !== undefined && wanted.has(messageId) && letter?.['status'] !== 'REDRIVEN' ? [messageId] : []
    }),
  )
}

/** Base64, as tables hold no bytes that are no text. */
interface Packed {
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [name: string, value: string | null])[]
}

const packed = ({ key, value, headers }: IncomingRecord): Packed => ({
  key: key && base64(key),
  value: value && base64(value),
  headers: headers.map(({ name, value }) => [base64(Buffer.from(name)), value && base64(value)]),
})

function unpacked(item: Item, json: string): IncomingRecord {
  const { key, value, headers } = JSON.parse(json) as Packed
  return {
    topic: item['topic'] as string,
    partition: item['partition'] as number,
    offset: item['offset'] as number,
    timestamp: item['timestamp'] as number,
    key: key === null ? null : Buffer.from(key, 'base64'),
    value: value === null ? null : Buffer.from(value, 'base64'),
    headers: headers.map(([name, text]) => ({
      name: Buffer.from(name, 'base64').toString('utf8'),
      value: text === null ? null : Buffer.from(text, 'base64'),
    })),
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

function slices(text: string): string[] {
  const found: string[] = []
  for (let at = 0; at < text.length; at += PART_LENGTH) found.push(text.slice(at, at + PART_LENGTH))
  return found
}
