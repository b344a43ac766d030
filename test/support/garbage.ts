/** Thirty kinds of records that nobody can handle, for any topic, each with the reason that its dead letter must give. */
import { gzipSync } from 'node:zlib'
import type { Produced } from './broker-client.ts'

export interface Garbage extends Produced {
  readonly kind: string
  readonly reason: string
}

/** A message that each topic's consumers handle, and data of it that is not valid. */
export const TYPES = {
  'orders-commands': ['commandType', 'OrderRejectCommand', 'orderId'],
  'orders-events': ['eventType', 'OrderCreatedEvent', 'orderId'],
  'payments-commands': ['commandType', 'PaymentProcessCommand', 'orderId'],
  'payments-events': ['eventType', 'PaymentFailedEvent', 'orderId'],
  'products-commands': ['commandType', 'ProductReserveCommand', 'orderId'],
  'products-events': ['eventType', 'ProductReserveConfirmationEvent', 'orderId'],
  'saga-commands': ['commandType', 'CreatePolicy', 'quoteID'],
  'saga-control': ['commandType', 'SagaWakeUp', 'sagaId'],
  'saga-events': ['eventType', 'QuoteApproved', 'quoteID'],
} as const
export type Topic = keyof typeof TYPES

const DEEP = 100_000
const LARGE_BYTES = 900_000

/** Each with a key of its own, `bad <topic> <kind>`, but for the one whose kind is to have none. */
export function garbageFor(topic: Topic): Garbage[] {
  const [typeField, type, idField] = TYPES[topic]
  const message = (data: unknown, more: object = {}) =>
    JSON.stringify({ [typeField]: type, [idField]: `bad-${topic}`, data, ...more })
  const kinds: readonly [kind: string, reason: string, value: string | Buffer | null, more?: Partial<Produced>][] = [
    ['a tombstone', 'TOMBSTONE', null],
    ['nothing', 'NOT_JSON', ''],
    ['half a document', 'NOT_JSON', message({}).slice(0, -3)],
    ['two documents', 'NOT_JSON', `${message({})}${message({})}`],
    ['bytes', 'NOT_JSON', Buffer.from([0xff, 0x00, 0xfe])],
    ['UTF-16', 'NOT_JSON', Buffer.from(message({}), 'utf16le')],
    ['Avro with a schema id', 'NOT_JSON', Buffer.from([0, 0, 0, 0, 7, 6, 116, 111, 107])],
    ['gzip', 'NOT_JSON', gzipSync(message({}))],
    ['XML', 'NOT_JSON', '<order id="1"/>'],
    ['not a number', 'NOT_JSON', `{"${typeField}":"${type}","data":NaN}`],
    ['a large text', 'NOT_JSON', 'not JSON '.repeat(LARGE_BYTES / 9)],
    ['a text', 'NOT_AN_OBJECT', '"tok_visa"'],
    ['a number', 'NOT_AN_OBJECT', '42'],
    ['null', 'NOT_AN_OBJECT', 'null'],
    ['a list', 'NOT_AN_OBJECT', `[${message({})}]`],
    ['an empty object', 'NO_TYPE', '{}'],
    ['a type that is a number', 'NO_TYPE', JSON.stringify({ [typeField]: 7, [idField]: 'x', data: {} })],
    ['a type by another name', 'NO_TYPE', JSON.stringify({ type, [idField]: 'x', data: {} })],
    ['an unknown type', 'UNKNOWN_TYPE', JSON.stringify({ [typeField]: 'NobodyKnowsThis', [idField]: 'x', data: {} })],
    ['a type of every object', 'UNKNOWN_TYPE', JSON.stringify({ [typeField]: 'constructor', [idField]: 'x' })],
    ['__proto__', 'UNKNOWN_TYPE', `{"${typeField}":"__proto__","__proto__":{"${idField}":"x"}}`],
    ['an endless type', 'UNKNOWN_TYPE', JSON.stringify({ [typeField]: type.repeat(2000), [idField]: 'x' })],
    ['an unknown header type', 'UNKNOWN_TYPE', '{"data":{}}', { headers: { ce_type: 'NobodyKnowsThis' } }],
    ['no saga', 'NO_SAGA_ID', JSON.stringify({ [typeField]: type, data: {} }), { key: null }],
    ['an id that is too long', 'INVALID', message({}, { [idField]: 'x'.repeat(300) })],
    ['no data', 'INVALID', message(undefined)],
    ['data that is a list', 'INVALID', message([1, 2])],
    ['fields of wrong types', 'INVALID', message(wrong)],
    ['data in __proto__', 'INVALID', `{"${typeField}":"${type}","${idField}":"x","data":{"__proto__":{"reason":"x"}}}`],
    ['a list that never ends', 'INVALID', message({ reason: 7, nested: '[' }).replace('"["', deep())],
  ]
  return kinds.map(([kind, reason, value, more]) => ({
    topic,
    kind,
    reason,
    key: `bad ${topic} ${kind}`,
    value,
    ...more,
  }))
}

const deep = () => `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`

/** Every field of every message of `TYPES`, with a value that none of them takes. */
const wrong = {
  reason: 7,
  customerId: { a: 1 },
  items: 'tea',
  paymentMethod: null,
  amount: '12',
  currency: 978,
  total: 12,
  premium: 'high',
  saga: [],
  version: -1.5,
}
