/** A field, a header or a key that is there and is no text: INVALID, and never a reason to look further for another. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type IncomingRecord, parseRecord, positionId, type Vocabulary } from '#engine/delivery/envelope.ts'
import { senderIdOf } from '#engine/delivery/message-identity.ts'
import { summaryOfRecord } from '#engine/delivery/record-summary.ts'
import {
  OrderApprovedEvent,
  PaymentProcessCommand,
  PolicyCreated,
  UpdateCustomerPolicyCount,
} from '../../example/wire.ts'

const messages = [PaymentProcessCommand, OrderApprovedEvent, UpdateCustomerPolicyCount, PolicyCreated]
const vocabulary: Vocabulary = {
  ours: new Map(messages.map(message => [message.type, message])),
  others: new Set(),
  owner: true,
}
const SAGA_FIELDS = ['orderId', 'quoteID']

/** Each with all that names it, so that one thing can be wrong and everything else be there to look further for. */
const whole = [
  {
    commandID: 'c1',
    eventID: 'e1',
    orderId: 'o1',
    commandType: 'PaymentProcessCommand',
    data: { orderId: 'o1', amount: 5, currency: 'EUR', paymentMethod: 'tok' },
  },
  { eventID: 'e1', commandID: 'c1', orderId: 'o1', eventType: 'OrderApprovedEvent', data: { orderId: 'o1' } },
  {
    commandID: 'c1',
    customerId: 'alice',
    quoteID: 'q1',
    commandType: 'UpdateCustomerPolicyCount',
    data: { policyCount: 5, quoteID: 'q1', customerId: 'alice' },
  },
  {
    eventID: 'e1',
    policyID: 'p1',
    quoteID: 'q1',
    eventType: 'PolicyCreated',
    data: { quoteID: 'q1', customerId: 'alice', policyID: 'p1' },
  },
] as const
type Whole = (typeof whole)[number]

const headersOf = (names: Readonly<Record<string, string | Uint8Array>>) =>
  Object.entries(names).map(([name, value]) => ({ name, value: Buffer.from(value) }))
const record = (value: unknown, more: Partial<IncomingRecord> = {}): IncomingRecord => ({
  topic: 'payments-commands',
  partition: 0,
  offset: 7,
  timestamp: 0,
  key: Buffer.from('the-key'),
  value: Buffer.from(JSON.stringify(value)),
  headers: [],
  ...more,
})
const parse = (value: unknown, more?: Partial<IncomingRecord>) => parseRecord(record(value, more), vocabulary)

const noText = fc.oneof(
  fc.constantFrom<unknown>(null, '', 0, 41, -1, 1.5, true, false, {}, [], ['o1'], { id: 'o1' }),
  fc.jsonValue().filter(value => typeof value !== 'string'),
)
const isUtf8 = (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString()).equals(Buffer.from(bytes))
const noTextBytes = fc.oneof(
  fc.constantFrom([], [0xff], [0x6f, 0xe9], [0xed, 0xa0, 0x80]).map(bytes => Uint8Array.from(bytes)),
  fc.uint8Array({ minLength: 1, maxLength: 12 }).filter(bytes => !isUtf8(bytes)),
)
const message = fc.constantFrom<Whole>(...whole)
const kindOf = (value: Whole) => ('commandType' in value ? 'command' : 'event')
/** What else may say whose it is. */
const alsoSaid = fc
  .subarray(['ce_id', 'sagaid', 'ce_source', 'ce_type'])
  .map(names =>
    headersOf(Object.fromEntries(names.map(name => [name, name === 'ce_type' ? 'PolicyCreated' : 'another']))),
  )

test('whole, each of them is a message', () => {
  for (const value of whole) expect(parse(value)).toMatchObject({ kind: 'message' })
})

describe('INVALID is', () => {
  const fieldsOf = (value: Whole) => [
    kindOf(value) === 'command' ? 'commandID' : 'eventID',
    ...Object.keys(value).filter(name => /^(orderId|quoteID|policyID|customerId)$/.test(name)),
  ]

  test('an id of the body that is no text, whatever a header, another field or the key says', () => {
    fc.assert(
      fc.property(message, noText, alsoSaid, fc.nat(), (value, wrong, headers, at) => {
        const fields = fieldsOf(value)
        const field = fields[at % fields.length] as string
        const parsed = parse({ ...value, [field]: wrong }, { headers })
        expect(parsed).toMatchObject({ kind: 'poison', reason: 'INVALID', error: expect.stringContaining(field) })
      }),
      { numRuns: 500 },
    )
  })
  test('an id in data that is no text', () => {
    fc.assert(
      fc.property(message, noText, (value, wrong) => {
        for (const field of Object.keys(value.data).filter(name => /^(orderId|quoteID|policyID)$/.test(name)))
          expect(parse({ ...value, data: { ...value.data, [field]: wrong } })).toMatchObject({ reason: 'INVALID' })
      }),
    )
  })
  test('the id of the other kind, where it is the one that counts', () => {
    fc.assert(
      fc.property(message, noText, (value, wrong) => {
        const [own, other] = kindOf(value) === 'command' ? ['commandID', 'eventID'] : ['eventID', 'commandID']
        expect(parse({ ...value, [own]: undefined, [other]: wrong })).toMatchObject({
          reason: 'INVALID',
        })
        // An event may name what it answers by anything: it is not its id.
        expect(parse({ ...value, [other]: wrong })).toMatchObject({ kind: 'message' })
      }),
    )
  })
  test('a header that says of which type, source or saga the message is and is empty, or not UTF-8', () => {
    fc.assert(
      fc.property(
        message,
        fc.constantFrom('ce_type', 'ce_source', 'CE_SOURCE', 'sagaid'),
        noTextBytes,
        (value, name, bytes) => {
          const parsed = parse(value, { headers: headersOf({ [name]: bytes }) })
          expect(parsed).toMatchObject({ reason: 'INVALID', error: expect.stringContaining(name.toLowerCase()) })
        },
      ),
    )
  })
  test('a header ce_id that is empty', () => {
    expect(parse(whole[0], { headers: headersOf({ CE_ID: '' }) })).toMatchObject({
      reason: 'INVALID',
      error: expect.stringContaining('ce_id'),
    })
  })
  test('a saga whose id no address can hold, however it is given', () => {
    for (const orderId of ['.', '..']) {
      expect(parse({ ...whole[1], orderId })).toMatchObject({ reason: 'INVALID', error: expect.stringContaining('id') })
      expect(parse(whole[1], { headers: headersOf({ sagaid: orderId }) })).toMatchObject({ reason: 'INVALID' })
    }
    for (const orderId of ['...', '.a', '%2E', '/..', '~'])
      expect(parse({ ...whole[1], orderId })).toMatchObject({ kind: 'message' })
  })
  test('data that is no object', () => {
    for (const data of [null, 'text', 7, true, [], [{}]])
      expect(parse({ ...whole[1], data })).toMatchObject({ kind: 'poison', reason: 'INVALID' })
    expect(parse({ ...whole[1], data: undefined })).toMatchObject({ kind: 'message' })
  })
})

describe('NO_SAGA_ID is', () => {
  test('a key that is not UTF-8 where it is all that names the saga: two of them would be one', () => {
    const unnamed = { ...whole[1], orderId: undefined, data: {} }
    for (const key of [[0xff], [0xfe]].map(bytes => Uint8Array.from(bytes)))
      expect(parse(unnamed, { key })).toMatchObject({ reason: 'NO_SAGA_ID', error: expect.stringContaining('key') })
    // Where the body names it, the key only chooses the partition.
    expect(parse(whole[1], { key: Uint8Array.from([0xff]) })).toMatchObject({ message: { sagaId: 'o1' } })
    expect(parse(unnamed, { key: new Uint8Array() })).toMatchObject({ reason: 'NO_SAGA_ID' })
  })
})

test('an id in a header that is no text is taken by its bytes: no two become one, and none is its neighbour’s', () => {
  const idOf = (bytes: Uint8Array) => {
    const parsed = parse(whole[0], { headers: headersOf({ ce_id: bytes }) })
    return parsed.kind === 'message' ? parsed.message.id : undefined
  }
  fc.assert(
    fc.property(noTextBytes, noTextBytes, (one, other) => {
      fc.pre(one.length > 0 && other.length > 0)
      expect(idOf(one)).toEqual(expect.any(String))
      expect(idOf(one) === idOf(other)).toBe(Buffer.from(one).equals(other))
    }),
  )
})

describe('a type that is no text', () => {
  test('is the owner’s to report as NO_TYPE, also where another field or a header has one', () => {
    fc.assert(
      fc.property(message, noText, alsoSaid, (value, wrong, headers) => {
        const typed =
          'commandType' in value ? { commandType: wrong } : { commandType: wrong, eventType: 'PolicyCreated' }
        expect(parse({ ...value, ...typed }, { headers })).toMatchObject({ kind: 'poison', reason: 'NO_TYPE' })
      }),
    )
    const others = parseRecord(record({ ...whole[0], commandType: 7 }), { ...vocabulary, owner: false })
    expect(others).toEqual({ kind: 'not-ours', type: 'NO_TYPE' })
  })
})

test('what is logged of a record agrees with how it is parsed', () => {
  const given = fc.oneof(fc.constantFrom<unknown>('a', 'b', undefined), noText)
  const bytes = fc.oneof(
    fc.constantFrom('a', 'b').map(text => Uint8Array.from(Buffer.from(text))),
    noTextBytes,
  )
  const value = fc.record({
    commandID: given,
    eventID: given,
    orderId: given,
    commandType: fc.constant('PaymentProcessCommand'),
    data: fc.record({
      orderId: given,
      amount: fc.constant(5),
      currency: fc.constant('EUR'),
      paymentMethod: fc.constant('t'),
    }),
  })
  const header = fc.record({ name: fc.constantFrom('ce_id', 'sagaid', 'ce_source'), value: bytes })
  fc.assert(
    fc.property(value, fc.array(header, { maxLength: 3 }), fc.option(bytes), (value, headers, key) => {
      const of = record(value, { headers, key })
      const parsed = parseRecord(of, vocabulary)
      const sketch = summaryOfRecord(of, SAGA_FIELDS)
      if (parsed.kind === 'message') {
        expect(sketch).toMatchObject({ sagaId: parsed.message.sagaId, id: senderIdOf(parsed.message.id) })
        expect(sketch.hasId).toBe(sketch.id !== positionId(of))
      } else if (sketch.sagaId !== undefined && !headers.some(({ name }) => name === 'sagaid'))
        // Nothing behind an id that is no text names its saga.
        expect(sketch.sagaId).toBe(value.orderId ?? value.data.orderId ?? Buffer.from(key ?? []).toString())
    }),
    { numRuns: 2000 },
  )
})

test('a cause or a trace that is no text is left out: it is for logs, and decides nothing', () => {
  const parsed = parse(whole[1], { headers: headersOf({ causationid: Buffer.from([0xff]), traceparent: '' }) })
  expect(parsed).toMatchObject({ kind: 'message' })
  expect(parsed.kind === 'message' && [parsed.message.causationId, parsed.traceparent]).toEqual([undefined, undefined])
})

test('a long id with half a character is no other’s, though only its hash is kept', () => {
  const long = JSON.stringify({ ...whole[1], eventID: 'x'.repeat(200) }).replace('xxx"', 'xxx\\ud800"')
  expect(parseRecord({ ...record({}), value: Buffer.from(long) }, vocabulary)).toMatchObject({ reason: 'INVALID' })
})
