/**
 * The edge: a Kafka record becomes a message once (`to-record.ts` is the way back). Pure.
 * The wire contract: CloudEvents in binary mode, and every header may be missing.
 */
import type { Message } from '../model/aggregate.ts'
import type { Command, MessageType } from '../model/messages.ts'
import { isOrchestrator } from '../model/orchestrator-name.ts'
import { hasAtMost } from '../model/text.ts'
import { readTime } from '../model/time.ts'
import { firstGiven, firstNoText, type Given, givenText, headerTexts, keyText, NO_TEXT, textOf } from './given-text.ts'
import type { IncomingRecord } from './incoming-record.ts'
import { identityOf, OWN_SOURCE } from './message-identity.ts'
import { ID_LENGTH_MAX, whyNoSagaId } from './saga-id.ts'

export type { IncomingRecord } from './incoming-record.ts'

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
  | 'RULES_THREW'

export type Parsed =
  | {
      readonly kind: 'message'
      readonly message: Message
      readonly messageType: MessageType
      readonly traceparent?: string
    }
  /** The catalog knows it, but it is another consumer's. */
  | { readonly kind: 'not-ours'; readonly type: string }
  | { readonly kind: 'poison'; readonly reason: PoisonReason; readonly error: string }

/** What a consumer knows of a topic that it reads. */
export interface Vocabulary {
  /** The messages that it handles, by type. */
  readonly ours: ReadonlyMap<string, MessageType>
  /** Types on this topic that other consumers handle: ignored. */
  readonly others: ReadonlySet<string>
  /** Types of ours whose defects another consumer reports: a dead letter is one, however many handle it. */
  readonly reportedByOthers?: ReadonlySet<string>
  /** The topic's owner sends what nobody knows to the dead letters; the other consumers leave that to it. */
  readonly owner: boolean
}

/** What may be quoted as a type: of another text nobody knows what it is, and it may be a secret. */
const NAMES_A_TYPE = /^[A-Z][A-Za-z]{2,79}$/
/** The headers that say which message it is and whose. What else travels in headers is shown, and decides nothing. */
const NAMING_HEADERS = ['ce_id', 'ce_type', 'ce_source', 'sagaid'] as const
const OF_A_COMMAND = ['commandType', 'commandID'] as const
const OF_AN_EVENT = ['eventType', 'eventID'] as const
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

export function parseRecord(record: IncomingRecord, vocabulary: Vocabulary): Parsed {
  const { ours, others, owner } = vocabulary
  const poison = (reason: PoisonReason, error: string): Parsed =>
    owner ? { kind: 'poison', reason, error } : { kind: 'not-ours', type: reason }
  const headers = headerTexts(record)

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
  // A header alone makes nobody ignore a record: its value may be broken, or name another, and then nobody would report it.
  const type = givenType(fields, headers)
  if (type === undefined) return poison('NO_TYPE', 'there is no commandType, eventType or ce_type')
  // What it is can't be known, so neither can whose it is: the owner reports it, as any other without a type.
  if (type === NO_TEXT) return poison('NO_TYPE', 'its commandType, eventType or ce_type is no text')
  const messageType = ours.get(type)
  if (!messageType)
    return others.has(type)
      ? { kind: 'not-ours', type }
      : poison('UNKNOWN_TYPE', `nobody knows ${NAMES_A_TYPE.test(type) ? `the type ${type}` : 'its type'}`)

  // From here on the message is ours, so what is wrong with it is ours to report, owner or not, unless another does.
  const ourPoison = (reason: PoisonReason, error: string): Parsed =>
    vocabulary.reportedByOthers?.has(type) ? { kind: 'not-ours', type } : { kind: 'poison', reason, error }
  const data = fields['data'] === undefined ? {} : objectOf(fields['data'])
  if (!data) return ourPoison('INVALID', `${type}: data is no object`)
  const { sagaField, idField } = messageType
  const atTop = givenText(fields[idField])
  const given = headers.get('sagaid') ?? givenText(fields[sagaField]) ?? givenText(data[sagaField])
  const sagaGiven = given ?? keyText(record.key) ?? atTop
  const idFields = idFieldsOf(messageType.kind)
  const idGiven = headers.get('ce_id') ?? firstGiven(fields, idFields)
  const wrong = namedWrongly(messageType, fields, data, headers) ?? (idGiven === NO_TEXT ? idFields[1] : undefined)
  if (wrong !== undefined)
    return ourPoison('INVALID', `${type}: ${wrong} is there and is no text: write it as one, or leave it out`)
  const sagaId = textOf(sagaGiven)
  if (sagaId === undefined) {
    const why = sagaGiven === NO_TEXT ? 'the record key is not UTF-8' : 'no saga'
    return ourPoison('NO_SAGA_ID', `${why}: give ${sagaField} in the body, a record key or the header sagaid`)
  }
  const unfit = whyNoSagaId(sagaId)
  if (unfit !== undefined) return ourPoison('INVALID', `the saga's id ${unfit}`)
  let parsed: Record<string, unknown>
  try {
    parsed = messageType.schema.parse(data) as Record<string, unknown>
  } catch (error) {
    return ourPoison('INVALID', `${type}: ${describeIssues(error)}`)
  }
  const aggregateId = textOf(atTop ?? givenText(data[idField]))
  if (aggregateId !== undefined && !hasAtMost(aggregateId, ID_LENGTH_MAX))
    return ourPoison('INVALID', `${type}: ${idField} is longer than ${ID_LENGTH_MAX} characters`)
  const id = textOf(idGiven) ?? positionId(record)
  const source = textOf(headers.get('ce_source'))
  const causationId = textOf(headers.get('causationid'))
  const traceparent = textOf(headers.get('traceparent'))
  const message: Message = {
    id: identityOf({ id, type, source }),
    type,
    sagaId,
    body: {
      ...(sagaField !== idField && fields[sagaField] !== undefined && { [sagaField]: sagaId }),
      ...parsed,
      [idField]: aggregateId ?? sagaId,
    },
    // A CloudEvents time is RFC 3339; what is not is no time, and its message is no worse for it.
    sentAt: readTime(textOf(headers.get('ce_time')) ?? '') ?? record.timestamp,
    ...(isRetriedBySaga(messageType, source) && { isRetriedBySaga: true as const }),
    ...(messageType.about === 'saga' && { control: true }),
    ...(causationId !== undefined && { causationId }),
  }
  // The id too, as it was written: the message has but the hash of a long one.
  if (broken && !isText([message, id]))
    return ourPoison('INVALID', `${type}: there is half a character (a lone surrogate)`)
  return {
    kind: 'message',
    message,
    messageType,
    ...(traceparent !== undefined && TRACEPARENT.test(traceparent) && { traceparent }),
  }
}

/** A saga of ours sends its step's command again, under the same id, until there is a reply. A foreign one may never. */
const isRetriedBySaga = (message: MessageType, source: string | undefined): boolean =>
  message.kind === 'command' &&
  'done' in message &&
  (message as Command).done.length > 0 &&
  source !== undefined &&
  source.startsWith(OWN_SOURCE) &&
  isOrchestrator(source)

type Fields = Readonly<Record<string, unknown>>

/**
 * What should name the message, or whose it is, and is no text. Also where another comes before it: whoever writes one of
 * these wrong writes it wrong elsewhere, where it would count. Not among them: the record's key, which for many clients only
 * chooses the partition, and the id of the message that this one answers. They are looked at where something is read from them.
 */
function namedWrongly(
  { kind, sagaField, idField }: MessageType,
  fields: Fields,
  data: Fields,
  headers: ReadonlyMap<string, Given>,
): string | undefined {
  const header = NAMING_HEADERS.find(name => headers.get(name) === NO_TEXT)
  if (header !== undefined) return `the header ${header}`
  const ids = [sagaField, idField]
  const own = kind === 'command' ? OF_A_COMMAND : OF_AN_EVENT
  const atTop = firstNoText(fields, own) ?? firstNoText(fields, ids)
  if (atTop !== undefined) return atTop
  const inData = firstNoText(data, ids)
  return inData === undefined ? undefined : `data.${inData}`
}

/** Its type, as its value names it, or where that names none a header. */
export const givenType = (fields: Fields, headers: ReadonlyMap<string, Given>): Given =>
  firstGiven(fields, ['commandType', 'eventType']) ?? headers.get('ce_type')

/** An event may name the command that it answers, and the other way round: its own id comes first. */
export const idFieldsOf = (kind: MessageType['kind']) =>
  kind === 'command' ? (['commandID', 'eventID'] as const) : (['eventID', 'commandID'] as const)

/** What is in a record's value, if that is a JSON object. */
export function fieldsOf(value: Uint8Array | null): Fields {
  try {
    return (value !== null && objectOf(JSON.parse(strictUtf8.decode(value)))) || {}
  } catch {
    return {}
  }
}

/** The same value, if it is an object of JSON. */
export const objectOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined

/** The id of a message that has none: where it was first seen. */
export const positionId = ({ topic, partition, offset }: Pick<IncomingRecord, 'topic' | 'partition' | 'offset'>) =>
  `${topic}-${partition}@${offset}`

/** In JSON, a surrogate that is written as an escape: only then may there be one without its other half. */
const HALF_A_CHARACTER = /\\u[dD][89a-fA-F]/

/** Tables and topics keep text, and half a character is none: it would be refused, or come back as another id. */
function isText(messageType: unknown): boolean {
  const left = [messageType]
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
