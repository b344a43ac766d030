import { describe, expect, test } from 'vitest'
import { type IncomingRecord, parseRecord, type Vocabulary } from '#engine/delivery/envelope.ts'
import { toRecord } from '#engine/delivery/to-record.ts'
import {
  OrderApprovedCommand,
  OrderCreatedEvent,
  ProductReserveCommand,
  ProductReserveConfirmationEvent,
} from '../../example/wire.ts'

const ours = new Map([OrderCreatedEvent, ProductReserveConfirmationEvent].map(message => [message.type, message]))
const vocabulary: Vocabulary = { ours, others: new Set(['SomebodyElses']), owner: true }
const data = { customerId: 'alice', items: [{ productId: 'p', quantity: 1 }], paymentMethod: 'tok' }
const created = { eventID: 'e1', orderId: 'o1', eventType: 'OrderCreatedEvent', data }

const record = (value: unknown, more: Partial<IncomingRecord> = {}): IncomingRecord => ({
  topic: 'orders-events',
  partition: 1,
  offset: 7,
  timestamp: 0,
  key: null,
  value: value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  headers: [],
  ...more,
})
const header = (name: string, value: string) => ({ name, value: Buffer.from(value) })
const parse = (value: unknown, more?: Partial<IncomingRecord>, about = vocabulary) =>
  parseRecord(record(value, more), about)

describe('a foreign message', () => {
  test('without headers or key is a message: ids come from the body', () => {
    expect(parse(created)).toMatchObject({
      kind: 'message',
      message: { id: 'e1', type: 'OrderCreatedEvent', sagaId: 'o1', body: { orderId: 'o1', ...data } },
    })
  })
  test('with fields that nobody knows is taken without them', () => {
    const parsed = parse({ ...created, colour: 'red', data: { ...data, colour: 'red' } })
    expect(parsed.kind === 'message' && parsed.message.body).toEqual({ orderId: 'o1', ...data })
  })
  test('without an id gets one from where it is', () => {
    expect(parse({ ...created, eventID: undefined })).toMatchObject({ message: { id: 'orders-events-1@7' } })
  })
  test('that names its saga only by the key', () => {
    expect(parse({ ...created, orderId: undefined }, { key: Buffer.from('o9') })).toMatchObject({
      message: { sagaId: 'o9', body: { orderId: 'o9' } },
    })
  })
  test('with a very long id is remembered by its hash', () => {
    const parsed = parse({ ...created, eventID: 'x'.repeat(5000) })
    expect(parsed.kind === 'message' && parsed.message.id).toMatch(/^sha256:[0-9a-f]{64}$/)
  })
})

describe('ids of others', () => {
  const surrogate = '"o\\ud800"'
  test('an event that names the command that it answers has its own id', () => {
    const events = ['e1', 'e2'].map(eventID => parse({ ...created, eventID, commandID: 'c1' }))
    expect(events).toMatchObject([{ message: { id: 'e1' } }, { message: { id: 'e2' } }])
  })
  test('a byte order mark is part of an id, in the body, the key and a header alike', () => {
    const id = '\ufeffo1'
    const key = Buffer.from(id)
    expect(parse({ ...created, orderId: id })).toMatchObject({ message: { sagaId: id } })
    expect(parse({ ...created, orderId: undefined }, { key })).toMatchObject({ message: { sagaId: id } })
    expect(parse(created, { headers: [header('sagaid', id)] })).toMatchObject({ message: { sagaId: id } })
  })
  test.each(['__proto__', 'constructor', 'o1.1.0', 'order:o1', 'a/b#c', '🦜'])('%s is an id like any other', id => {
    const parsed = parse(JSON.stringify({ ...created, orderId: 'X' }).replace('"X"', JSON.stringify(id)))
    expect(parsed).toMatchObject({ message: { sagaId: id, body: { orderId: id } } })
  })
  test.each(['o1', 'alice', 'p', 'e1'])(
    'half a character instead of %s is no text: it would come back as another',
    id => {
      const json = JSON.stringify(created).replace(JSON.stringify(id), surrogate)
      expect(parse(json)).toMatchObject({ kind: 'poison', reason: 'INVALID' })
    },
  )
  test('a whole character that is written as two escapes is text', () => {
    const json = JSON.stringify(created).replace('"alice"', '"\\ud83e\\udd9c"')
    expect(parse(json)).toMatchObject({ message: { body: { customerId: '🦜' } } })
  })
  test('half a character where nobody looks is left alone', () => {
    expect(parse(JSON.stringify({ ...created, note: 1 }).replace('"note":1', `"note":${surrogate}`))).toMatchObject({
      kind: 'message',
    })
  })
})

test.each(['{"paymentMethod":tok_secret}', '"tok_secret"', 'tok_secret', '{"a":"tok_secret'])(
  'a dead letter does not tell in its error what was in %s',
  value => {
    expect(JSON.stringify(parse(value))).not.toMatch(/tok|secret/)
  },
)

test('headers win: the id that a redriven record had, its saga, its cause', () => {
  const headers = [header('ce_id', 'first'), header('sagaid', 'o2'), header('causationid', 'c')]
  expect(parse(created, { headers })).toMatchObject({ message: { id: 'first', sagaId: 'o2', causationId: 'c' } })
})

describe('poison', () => {
  test.each([
    ['TOMBSTONE', null],
    ['NOT_JSON', '{'],
    ['NOT_JSON', Buffer.from([0xff, 0xfe, 0x00])],
    ['NOT_AN_OBJECT', '[]'],
    ['NOT_AN_OBJECT', '17'],
    ['NOT_AN_OBJECT', 'null'],
    ['NO_TYPE', {}],
    ['UNKNOWN_TYPE', { ...created, eventType: 'Nobody' }],
    ['NO_SAGA_ID', { ...created, orderId: undefined }],
    ['INVALID', { ...created, data: { ...data, items: [] } }],
    ['INVALID', { ...created, data: undefined }],
    ['INVALID', { ...created, orderId: 'x'.repeat(300) }],
  ])('%s: %s', (reason, value) => {
    const incoming = value instanceof Buffer ? record('', {}) : record(value)
    expect(parseRecord(value instanceof Buffer ? { ...incoming, value } : incoming, vocabulary)).toMatchObject({
      kind: 'poison',
      reason,
    })
  })
  test('names the field that is wrong', () => {
    expect(parse({ ...created, data: { ...data, items: [{ productId: 'p', quantity: 0 }] } })).toMatchObject({
      error: expect.stringMatching(/data\.items\.0\.quantity: Too small: expected number to be >0/),
    })
  })
})

test('what is another consumer’s is left alone, by its value, or by its header where that has none', () => {
  const theirs = { kind: 'not-ours', type: 'SomebodyElses' }
  expect(parse({ eventType: 'SomebodyElses' })).toEqual(theirs)
  expect(parse({ data: {} }, { headers: [header('ce_type', 'SomebodyElses')] })).toEqual(theirs)
})

test('the owner dead-letters what is broken, whatever a header calls it: those who handle that type may never see it', () => {
  for (const value of ['not even JSON', '[]'])
    expect(parse(value, { headers: [header('ce_type', 'SomebodyElses')] })).toMatchObject({ kind: 'poison' })
})

test('what a value says of its type counts, and not a header that says otherwise', () => {
  expect(parse(created, { headers: [header('ce_type', 'SomebodyElses')] })).toMatchObject({ kind: 'message' })
})

test('only the owner of a topic dead-letters what nobody knows', () => {
  expect(parse('{', {}, { ...vocabulary, owner: false })).toMatchObject({ kind: 'not-ours' })
})

test('a message goes out as the contract says, and comes back as it was', () => {
  const out = {
    id: 'order-saga:o1.3.0',
    messageType: OrderApprovedCommand,
    body: { total: { amount: 5, currency: 'EUR' } },
    sagaId: 'o1',
    causationId: 'payment:o1.2.0',
    time: 0,
    source: 'order-saga',
  }
  const sent = toRecord(out, 'orders-commands')
  expect(sent.key).toBe('o1')
  expect(JSON.parse(String(sent.value))).toEqual({
    commandID: out.id,
    orderId: 'o1',
    commandType: 'OrderApprovedCommand',
    data: out.body,
  })
  expect(sent.headers).toEqual({
    ce_id: out.id,
    ce_type: 'OrderApprovedCommand',
    ce_source: '/recourse/order-saga',
    ce_specversion: '1.0',
    ce_time: '1970-01-01T00:00:00.000Z',
    ce_subject: 'o1',
    'content-type': 'application/json',
    sagaid: 'o1',
    causationid: 'payment:o1.2.0',
    traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
  })
})

test('a trace goes on through a message, and publishing it again changes no byte', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const out = {
    id: 'x.1.0',
    messageType: ProductReserveCommand,
    body: { items: [] },
    sagaId: 'o1',
    causationId: undefined,
    time: 0,
    source: 's',
    traceparent,
  }
  const [first, second] = [toRecord(out, 't'), toRecord(out, 't')]
  expect(first.headers['traceparent']).toMatch(/^00-a{32}-[0-9a-f]{16}-01$/)
  expect(first).toEqual(second)

  // Without one it is the saga's own: whatever began it, its messages are in one trace, each a span of its own.
  const traced = (id: string, sagaId: string) =>
    String(toRecord({ ...out, id, sagaId, traceparent: undefined }, 't').headers['traceparent']).split('-')
  const [event, command, other] = [traced('x.1.0', 'o1'), traced('wake:order:o1.2', 'o1'), traced('x.1.0', 'o2')]
  expect(command[1]).toBe(event[1])
  expect(command[2]).not.toBe(event[2])
  expect(other[1]).not.toBe(event[1])
})

describe('a message that several consumers handle', () => {
  test('is reported by one of them if it is broken, and handled by all if it is not', () => {
    const elsewhere = { ...vocabulary, reportedByOthers: new Set([created.eventType]) }
    const broken = { ...created, data: {} }
    expect(parse(broken)).toMatchObject({ kind: 'poison', reason: 'INVALID' })
    expect(parse(broken, {}, elsewhere)).toEqual({ kind: 'not-ours', type: created.eventType })
    expect(parse(created, {}, elsewhere)).toMatchObject({ kind: 'message' })
  })
})
