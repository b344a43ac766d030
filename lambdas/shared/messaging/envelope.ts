/**
 * The edge: a Kafka record becomes a message once, and a message becomes a record. Pure.
 * The wire contract: CloudEvents in binary mode, and every header may be missing.
 */
import { hash } from 'node:crypto'
import type { Heard } from '../aggregate.ts'
import type { OutgoingRecord } from '../ports.ts'
import type { Message } from './contract.ts'

/** A record as it came from Kafka. `topic` without the environment's prefix. */
export interface IncomingRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly { readonly name: string; readonly value: Uint8Array }[]
}

export type PoisonReason =
  | 'TOMBSTONE'
  | 'NOT_JSON'
  | 'NOT_AN_OBJECT'
  | 'NO_TYPE'
  | 'UNKNOWN_TYPE'
  | 'NO_SAGA_ID'
  | 'INVALID'
  | 'REFUSED'
  | 'TOO_LARGE'

export type Parsed =
  | { readonly kind: 'heard'; readonly heard: Heard; readonly message: Message; readonly traceparent?: string }
  /** The catalog knows it, but it is another consumer's. */
  | { readonly kind: 'not-ours'; readonly type: string }
  | { readonly kind: 'poison'; readonly reason: PoisonReason; readonly error: string }

/** What a consumer knows of a topic that it reads. */
export interface Vocabulary {
  /** The messages that it handles, by type. */
  readonly ours: ReadonlyMap<string, Message>
  /** Types on this topic that other consumers handle: ignored. */
  readonly others: ReadonlySet<string>
  /** Types of ours whose defects another consumer reports: a dead letter is one, however many hear. */
  readonly reportedByOthers?: ReadonlySet<string>
  /** The topic's owner sends what nobody knows to the dead letters; the other consumers leave that to it. */
  readonly owner: boolean
}

/** Characters of a saga's and an aggregate's id: what we say of them later has no longer ones. */
export const ID_LENGTH_MAX = 256
/** What may be quoted as a type: of another text nobody knows what it is, and it may be a secret. */
const NAMES_A_TYPE = /^[A-Z][A-Za-z]{2,79}$/
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
/** For keys and headers: nothing is left out, so that two ids that differ stay different. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

export function parseRecord(record: IncomingRecord, vocabulary: Vocabulary): Parsed {
  const { ours, others, owner } = vocabulary
  const poison = (reason: PoisonReason, error: string): Parsed =>
    owner ? { kind: 'poison', reason, error } : { kind: 'not-ours', type: reason }
  const headers = readHeaders(record)

  if (record.value === null) return poison('TOMBSTONE', 'the record has no value')
  let body: unknown
  let broken = false
  try {
    const json = strictUtf8.decode(record.value)
    broken = HALF_A_CHARACTER.test(json)
    body = JSON.parse(json)
  } catch (error) {
    return poison('NOT_JSON', whyNotJson(error))
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return poison(
      'NOT_AN_OBJECT',
      `the value is JSON, but ${Array.isArray(body) ? 'an array' : body === null ? 'null' : `a ${typeof body}`}`,
    )

  const fields = body as Record<string, unknown>
  // A header alone makes nobody ignore a record: its value may be broken, or say otherwise, and then nobody would report it.
  const type = text(fields['commandType']) ?? text(fields['eventType']) ?? headers.get('ce_type')
  if (type === undefined) return poison('NO_TYPE', 'there is no commandType, eventType or ce_type')
  const message = ours.get(type)
  if (!message)
    return others.has(type)
      ? { kind: 'not-ours', type }
      : poison('UNKNOWN_TYPE', `nobody knows ${NAMES_A_TYPE.test(type) ? `the type ${type}` : 'its type'}`)

  // From here on the message is ours, so what is wrong with it is ours to report, owner or not, unless another does.
  const ourPoison = (reason: PoisonReason, error: string): Parsed =>
    vocabulary.reportedByOthers?.has(type) ? { kind: 'not-ours', type } : { kind: 'poison', reason, error }
  const data = (typeof fields['data'] === 'object' && fields['data'] !== null ? fields['data'] : {}) as Record<
    string,
    unknown
  >
  const key = record.key === null ? undefined : text(utf8.decode(record.key))
  const sagaId =
    headers.get('sagaid') ??
    text(fields[message.sagaField]) ??
    text(data[message.sagaField]) ??
    key ??
    text(fields[message.idField])
  if (sagaId === undefined)
    return ourPoison('NO_SAGA_ID', `no saga: give ${message.sagaField} in the body, a record key or the header sagaid`)
  if (sagaId.length > ID_LENGTH_MAX)
    return ourPoison('INVALID', `the saga's id is longer than ${ID_LENGTH_MAX} characters`)
  let parsed: Record<string, unknown>
  try {
    parsed = message.schema.parse(data) as Record<string, unknown>
  } catch (error) {
    return ourPoison('INVALID', `${type}: ${describeIssues(error)}`)
  }
  const aggregateId = text(fields[message.idField]) ?? text(data[message.idField])
  if (aggregateId !== undefined && aggregateId.length > ID_LENGTH_MAX)
    return ourPoison('INVALID', `${type}: ${message.idField} is longer than ${ID_LENGTH_MAX} characters`)
  // An event may name the command that it answers, and the other way round: its own id comes first.
  const ownId = message.kind === 'command' ? ['commandID', 'eventID'] : ['eventID', 'commandID']
  const id = headers.get('ce_id') ?? ownId.map(field => text(fields[field])).find(Boolean) ?? positionId(record)
  const heard: Heard = {
    id: boundedId(id),
    type,
    sagaId,
    body: {
      ...(message.sagaField !== message.idField &&
        text(fields[message.sagaField]) !== undefined && { [message.sagaField]: sagaId }),
      ...parsed,
      [message.idField]: aggregateId ?? sagaId,
    },
    sentAt: timeOf(headers.get('ce_time')) ?? record.timestamp,
    ...(message.about === 'saga' && { control: true }),
    ...(headers.has('causationid') && { causationId: headers.get('causationid') }),
  }
  if (broken && !isText(heard)) return ourPoison('INVALID', `${type}: there is half a character (a lone surrogate)`)
  return {
    kind: 'heard',
    heard,
    message,
    ...(headers.has('traceparent') && { traceparent: headers.get('traceparent') }),
  }
}

/** What can be told of a record whatever is wrong with it. */
export interface Sketch {
  /** The id that its consumer knows it by. */
  readonly id: string
  /** False: it has none of its own, and `id` is made of where it was first seen. */
  readonly hasId: boolean
  readonly type?: string
  readonly sagaId?: string
}

/** Reads a record as far as it can be read. `sagaFields`: the fields that may hold a saga's id. Never throws. */
export function sketchOf(record: IncomingRecord, sagaFields: readonly string[]): Sketch {
  const headers = readHeaders(record)
  const fields = fieldsOf(record.value)
  const data = recordOrEmpty(fields['data'])
  const inFields = sagaFields.flatMap(field => text(fields[field]) ?? text(data[field]) ?? [])
  const key = record.key === null ? undefined : text(utf8.decode(record.key))
  const own =
    headers.get('ce_id') ??
    ('eventType' in fields ? ['eventID', 'commandID'] : ['commandID', 'eventID'])
      .map(field => text(fields[field]))
      .find(Boolean)
  const type = text(fields['commandType']) ?? text(fields['eventType']) ?? headers.get('ce_type')
  const sagaId = headers.get('sagaid') ?? inFields[0] ?? key
  return {
    id: boundedId(own ?? positionId(record)),
    hasId: own !== undefined,
    ...(type !== undefined && { type }),
    ...(sagaId !== undefined && { sagaId }),
  }
}

function fieldsOf(value: Uint8Array | null): Readonly<Record<string, unknown>> {
  try {
    return value === null ? {} : recordOrEmpty(JSON.parse(strictUtf8.decode(value)))
  } catch {
    return {}
  }
}

const recordOrEmpty = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}

/** The id of a message that has none: where it was first seen. */
export const positionId = ({ topic, partition, offset }: Pick<IncomingRecord, 'topic' | 'partition' | 'offset'>) =>
  `${topic}-${partition}@${offset}`

export interface Outgoing {
  readonly id: string
  readonly message: Message
  readonly body: Readonly<Record<string, unknown>>
  readonly sagaId: string
  readonly causationId: string | undefined
  /** Milliseconds since 1970. */
  readonly time: number
  /** The aggregate type that says it. */
  readonly source: string
  /** Of the message that caused it, if it had one. */
  readonly traceparent?: string | undefined
}

/** The record for a message. The same message gives the same bytes, whenever it is said again. */
export function toRecord(out: Outgoing, topic: string): OutgoingRecord {
  const { message, sagaId } = out
  const { [message.idField]: aggregateId = sagaId, ...rest } = out.body
  const command = message.kind === 'command'
  // A command to an aggregate that is not the saga's own names the saga beside the aggregate.
  const { [message.sagaField]: saga, ...data } = rest
  const sagaAtTop = command && message.sagaField !== message.idField && saga !== undefined
  const value = {
    [command ? 'commandID' : 'eventID']: out.id,
    [message.idField]: aggregateId,
    ...(sagaAtTop && { [message.sagaField]: saga }),
    [command ? 'commandType' : 'eventType']: message.type,
    data: sagaAtTop ? data : rest,
  }
  return {
    topic,
    key: sagaId,
    value: JSON.stringify(value),
    headers: {
      ce_id: out.id,
      ce_type: message.type,
      ce_source: `/recourse/${out.source}`,
      ce_specversion: '1.0',
      ce_time: new Date(out.time).toISOString(),
      ce_subject: sagaId,
      'content-type': 'application/json',
      sagaid: sagaId,
      ...(out.causationId !== undefined && { causationid: out.causationId }),
      traceparent: traceOf(out),
    },
  }
}

/**
 * W3C trace context: the trace of the message that caused it, else the saga's own, which its id makes, so that deadlines
 * and operators' actions are in it too. The span's id is made of the message's: saying it again changes no byte.
 */
function traceOf({ traceparent, sagaId, id }: Outgoing): string {
  const [version, trace, , flags] = traceparent?.split('-') ?? ['00', hex(sagaId, 32), '', '01']
  return `${version}-${trace}-${hex(id, 16)}-${flags}`
}

const hex = (text: string, digits: number) => hash('sha256', text).slice(0, digits)

function readHeaders(record: IncomingRecord): Map<string, string> {
  const headers = new Map<string, string>()
  for (const { name, value } of record.headers) {
    const lower = name.toLowerCase()
    const decoded = text(utf8.decode(value))
    if (decoded !== undefined) headers.set(lower, decoded)
  }
  const traceparent = headers.get('traceparent')
  if (traceparent !== undefined && !/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent))
    headers.delete('traceparent')
  return headers
}

/** A CloudEvents time is RFC 3339; what is not is no time, and its message is no worse for it. */
function timeOf(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

/** A long foreign id would grow every item that remembers it; its hash serves as well. */
const boundedId = (id: string) => (id.length <= 160 ? id : `sha256:${hash('sha256', id)}`)

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** In JSON, a surrogate that is written as an escape: only then may there be one without its other half. */
const HALF_A_CHARACTER = /\\u[dD][89a-fA-F]/

/** Tables and topics keep text, and half a character is none: it would be refused, or come back as another id. */
function isText(message: unknown): boolean {
  const left = [message]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === 'string' && !value.isWellFormed()) return false
    if (typeof value === 'object' && value !== null)
      for (const [name, field] of Object.entries(value)) left.push(name, field)
  }
  return true
}

/** Where it stops being JSON; never what is there, as that may be a secret. */
function whyNotJson(error: unknown): string {
  if (!(error instanceof SyntaxError)) return 'the value is not UTF-8'
  return `the value is not JSON${/ at position \d+/.exec(error.message)?.[0] ?? ''}`
}

function describeIssues(error: unknown): string {
  const issues = (error as { issues?: { path?: PropertyKey[]; message?: string }[] }).issues
  if (!Array.isArray(issues)) return error instanceof Error ? error.message : String(error)
  return issues
    .slice(0, 5)
    .map(issue => `${['data', ...(issue.path ?? [])].join('.')}: ${issue.message}`)
    .join('; ')
}
