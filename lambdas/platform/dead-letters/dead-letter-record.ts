/**
 * What is in a record of a dead-letter topic. Three write there: our consumers (the record itself, with headers `dlq_*`),
 * Lambda after its last retry (a JSON document with the records inside), and anybody else. Pure, and it never throws:
 * whatever is there can be shown.
 */
import { createHash } from 'node:crypto'
import * as z from 'zod'
import { type KafkaEventRecord, recordsOf } from '#engine/adapters/lambda/kafka-event.ts'
import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import type { Header } from '#engine/model/ports.ts'
import { DEAD_LETTER_HEADERS } from '#engine/delivery/dead-letter.ts'
import { topicOfDeadLetters } from '#engine/delivery/topics.ts'

/** A record that nobody could handle. */
export interface Letter {
  /** A hash of consumer, topic, partition and offset: however often it is read, it is one. */
  readonly id: string
  /** `NOT_JSON`, `REFUSED`, `RETRY_ATTEMPTS_EXHAUSTED` … */
  readonly reason: string
  readonly error: string
  /** The function that gave up on it; empty if nobody says so. */
  readonly consumer: string
  readonly attempts: number
  /** As it was where it could not be handled: on its own topic, without `dlq_*`. */
  readonly record: IncomingRecord
  /** False: it is only reported, and what it was is not there to be sent again. */
  readonly redrivable: boolean
}

const TEXT_MAX = 1000
const NAME_MAX = 256
const utf8 = new TextDecoder()

/** All that one record of `<topic>.dlq` holds: one letter, or those of a batch that Lambda gave up on. */
export function lettersIn(record: IncomingRecord): Letter[] {
  return ours(record) ?? lambdas(record) ?? [stray(record)]
}

/** Where a letter was first seen. */
type Place = Pick<IncomingRecord, 'topic' | 'partition' | 'offset'>

export const letterId = (consumer: string, { topic, partition, offset }: Place): string =>
  createHash('sha256')
    .update(JSON.stringify([consumer, topic, partition, offset]))
    .digest('hex')
    .slice(0, 32)

/** One of our consumers gave up on it at once, and said why. */
function ours(record: IncomingRecord): Letter[] | undefined {
  const { about, own } = apart(record.headers)
  const reason = about.get('dlq_reason')
  if (!reason) return undefined
  const whole = (name: string, otherwise: number) => {
    const text = about.get(name) ?? ''
    return /^(-1|\d{1,15})$/.test(text) ? Number(text) : otherwise
  }
  const consumer = (about.get('dlq_consumer') ?? '').slice(0, NAME_MAX)
  const first: IncomingRecord = {
    ...record,
    // It goes back to where these are the dead letters of, whatever a header says.
    topic: topicOfDeadLetters(record.topic),
    partition: whole('dlq_partition', record.partition),
    offset: whole('dlq_offset', record.offset),
    timestamp: whole('dlq_timestamp', record.timestamp),
    headers: own,
  }
  return [
    {
      id: letterId(consumer, first),
      reason: reason.slice(0, NAME_MAX),
      error: (about.get('dlq_error') ?? '').slice(0, TEXT_MAX),
      consumer,
      attempts: whole('dlq_attempts', 1),
      record: first,
      redrivable: true,
    },
  ]
}

const OURS: ReadonlySet<string> = new Set(DEAD_LETTER_HEADERS)

/**
 * What we say of a dead letter stands behind its record's own headers: the last of each of our names is ours. One before
 * it, as of a record that was dead elsewhere, is the record's own.
 */
function apart(headers: readonly Header[]): { about: ReadonlyMap<string, string>; own: readonly Header[] } {
  const about = new Map<string, string>()
  const own = headers.toReversed().filter(({ name, value }) => {
    if (!OURS.has(name) || about.has(name)) return true
    about.set(name, utf8.decode(value ?? undefined))
    return false
  })
  return { about, own: own.toReversed() }
}

/** What is used of Lambda's own document. */
const FailureRecord = z.object({
  requestContext: z.object({
    functionArn: z.string(),
    condition: z.string(),
    approximateInvokeCount: z.number().optional(),
  }),
  responseContext: z.object({ functionError: z.string().nullish() }).nullish(),
  payload: z.union([z.string(), z.looseObject({})]).nullish(),
})
/** Not zod's record, which leaves out `__proto__`. */
const isHeader = (header: unknown) =>
  typeof header === 'object' &&
  header !== null &&
  Object.values(header).every(value => value === null || (Array.isArray(value) && value.every(Number.isInteger)))
const FailedEvent = z.object({
  records: z.record(
    z.string(),
    z.array(
      z.object({
        topic: z.string(),
        partition: z.int(),
        offset: z.int(),
        timestamp: z.number(),
        key: z.string().nullish(),
        value: z.string().nullish(),
        headers: z.array(z.custom<NonNullable<KafkaEventRecord['headers']>[number]>(isHeader)).nullish(),
      }),
    ),
  ),
})

/** Lambda gave up on a batch after its last retry; undefined if this is not its document. */
function lambdas(record: IncomingRecord): Letter[] | undefined {
  const parsed = FailureRecord.safeParse(jsonOf(record.value))
  if (!parsed.success) return undefined
  const { requestContext, responseContext, payload } = parsed.data
  const { functionArn, condition, approximateInvokeCount: attempts = 1 } = requestContext
  const consumer = (/:function:([^:]+)/.exec(functionArn)?.[1] ?? '').slice(0, NAME_MAX)
  const failed = responseContext?.functionError
  const about = {
    // RetryAttemptsExhausted → RETRY_ATTEMPTS_EXHAUSTED
    reason: condition
      .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
      .toUpperCase()
      .slice(0, NAME_MAX),
    error:
      `Lambda gave up after ${attempts} deliveries (${condition}${failed ? `, ${failed}` : ''}): the function's log says why`.slice(
        0,
        TEXT_MAX,
      ),
    consumer,
    attempts,
  }
  const event = FailedEvent.safeParse(typeof payload === 'string' ? jsonOf(Buffer.from(payload)) : payload)
  const topic = topicOfDeadLetters(record.topic)
  const records = event.success ? recordsOf(event.data, '').map(one => ({ ...one, topic })) : []
  if (records.length === 0)
    return [{ id: letterId(consumer, record), ...about, record: { ...record, topic }, redrivable: false }]
  return records.map(one => ({ id: letterId(consumer, one), ...about, record: one, redrivable: true }))
}

/** Somebody put it there, and does not say why. Its place is that in the dead-letter topic: there is no other. */
function stray(record: IncomingRecord): Letter {
  return {
    id: letterId('', record),
    reason: 'NOT_SAID',
    error: 'it was put among the dead letters without the headers that say why, where from and by whom',
    consumer: '',
    attempts: 0,
    record: { ...record, topic: topicOfDeadLetters(record.topic) },
    redrivable: true,
  }
}

function jsonOf(value: Uint8Array | null): unknown {
  try {
    return value === null ? undefined : JSON.parse(utf8.decode(value))
  } catch {
    return undefined
  }
}
