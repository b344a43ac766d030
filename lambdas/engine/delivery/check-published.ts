/**
 * What is published is held to its own contract before it is committed. A value that no type can see (an amount beyond
 * 2^53, a text that is too long, half a character) would be committed, published and refused by every receiver, again
 * after every redrive. So it is an error of the sender, as a decision that threw. Pure.
 */
import { type Decision, type OutgoingMessage, PASSED_ON } from '../model/aggregate.ts'
import { ContractError } from '../model/errors.ts'
import type { MessageType } from '../model/messages.ts'
import { setOwn } from '../model/own.ts'
import { hasAtMost } from '../model/text.ts'
import { ID_LENGTH_MAX } from './saga-id.ts'

/** The same decision. Throws ContractError for a message that its receivers would refuse. */
export function checked<State>(decision: Decision<State>): Decision<State> {
  if (decision.kind === 'commit' || decision.kind === 'answer') checkPublished(decision.publish ?? [])
  return decision
}

/** Throws ContractError for a message that its receivers would refuse. */
export function checkPublished(published: readonly OutgoingMessage[]): void {
  for (const { message, body, as } of published) {
    // What is passed on as it came was parsed then, and is a fact; only its topic may still refuse it.
    if (as === PASSED_ON) checkBytes(message, body, jsonBytesMax(body))
    else checkBody(message, body)
  }
}

/** Throws ContractError if a receiver would refuse this body. Its error names the field, never what is in it. */
export function checkBody(message: MessageType, body: Readonly<Record<string, unknown>>): void {
  const { type, idField, sagaField, kind, schema } = message
  const data: Record<string, unknown> = {}
  let bytesMax = 0
  for (const field in body) {
    const value = body[field]
    const isId = field === idField
    if (isId || (kind === 'command' && field === sagaField)) {
      if (value === undefined) continue
      if (typeof value !== 'string' || value.length === 0 || !hasAtMost(value, ID_LENGTH_MAX))
        throw broken(type, field, `an id is a text of 1 to ${ID_LENGTH_MAX} characters`)
      if (!value.isWellFormed()) throw broken(type, field, HALF_A_CHARACTER)
      // Neither is among the data that a receiver reads.
      continue
    }
    if (value === undefined) continue
    const bytes = jsonBytesMax(value)
    bytesMax += bytes + field.length * ESCAPED_BYTES
    setOwn(data, field, Number.isNaN(bytes) ? asJson(value, type, `data.${field}`) : value)
  }
  try {
    schema.parse(data)
  } catch (error) {
    const [issue] = (error as { issues?: { path: PropertyKey[]; message: string }[] }).issues ?? []
    if (!issue) throw error
    throw broken(type, ['data', ...issue.path].join('.'), issue.message)
  }
  checkBytes(message, data, bytesMax)
}

/** Of a message as JSON. Its ids and headers have what is left of `TOPIC_BYTES_MAX`. */
export const MESSAGE_BYTES_MAX = 1_000_000

/** Throws for what its topic would refuse for good, after the commit and before all that comes behind it. */
function checkBytes({ type }: MessageType, data: unknown, bytesMax: number): void {
  if (bytesMax <= MESSAGE_BYTES_MAX) return
  const bytes = Buffer.byteLength(JSON.stringify(data))
  if (bytes > MESSAGE_BYTES_MAX)
    throw broken(type, 'data', `as JSON it has ${bytes} bytes, ${MESSAGE_BYTES_MAX} are the most: publish less of it`)
}

const HALF_A_CHARACTER = 'there is half a character (a lone surrogate)'

/** A character is at most six bytes in JSON; a comma or a quotation mark beside it is counted by `MARKS`. */
const ESCAPED_BYTES = 6
const NUMBER_BYTES = 25
const MARKS = 4

/**
 * Bytes as JSON, at most, of what JSON brings over as it is; NaN for what it does not. Nothing is made here, as this is on
 * every message's way.
 */
function jsonBytesMax(value: unknown): number {
  if (typeof value === 'string') return value.isWellFormed() ? value.length * ESCAPED_BYTES + MARKS : Number.NaN
  if (typeof value === 'number') return Number.isFinite(value) ? NUMBER_BYTES : Number.NaN
  if (typeof value !== 'object') return typeof value === 'boolean' ? NUMBER_BYTES : Number.NaN
  if (value === null) return NUMBER_BYTES
  let bytes = MARKS
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) bytes += jsonBytesMax(value[i])
    return bytes
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return Number.NaN
  for (const field in value)
    bytes += field.isWellFormed()
      ? field.length * ESCAPED_BYTES + MARKS + jsonBytesMax((value as Record<string, unknown>)[field])
      : Number.NaN
  return bytes
}

/** The value as JSON brings it over. Throws for what JSON would write as null or refuse: a receiver would read something else. */
function asJson(value: unknown, type: string, path: string): unknown {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw broken(type, path, HALF_A_CHARACTER)
      return value
    case 'number':
      if (!Number.isFinite(value)) throw broken(type, path, 'it is no finite number')
      return value
    case 'boolean':
      return value
    case 'object':
      return value === null ? value : Array.isArray(value) ? asList(value, type, path) : asFields(value, type, path)
    case 'undefined':
      throw broken(type, path, 'there is nothing')
    case 'bigint':
    case 'function':
    case 'symbol':
      throw broken(type, path, `a ${typeof value} has no place in a message`)
  }
}

const asList = (list: readonly unknown[], type: string, path: string) =>
  Array.from(list, (item, i) => asJson(item, type, `${path}.${i}`))

/** Fields that are undefined are left out, as JSON does. */
function asFields(value: object, type: string, path: string): object {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    throw broken(type, path, 'it is neither text, number, boolean, list nor plain object: make it one of these')
  const fields: Record<string, unknown> = {}
  for (const [field, inside] of Object.entries(value)) {
    if (!field.isWellFormed()) throw broken(type, path, `of a field's name ${HALF_A_CHARACTER}`)
    if (inside !== undefined) setOwn(fields, field, asJson(inside, type, `${path}.${field}`))
  }
  return fields
}

const broken = (type: string, field: string, why: string) =>
  new ContractError(`${type} is not as its contract says, so it is not published: ${field}: ${why}`, {
    code: 'PUBLISHED_OUTSIDE_CONTRACT',
  })
