/** What goes to a dead letter comes back byte for byte, and what we add stands behind it. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordsOf } from '#engine/adapters/lambda/kafka-event.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { deadLetter } from '#engine/delivery/dead-letter.ts'
import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import type { Header } from '#engine/model/ports.ts'
import { itemsOf, readRecords } from '../../../lambdas/platform/dead-letters/dead-letter-item.ts'
import { lettersIn } from '../../../lambdas/platform/dead-letters/dead-letter-record.ts'
import { asItWas } from '../../../lambdas/platform/dead-letters/redriver.ts'
import { deadLettersTable } from '../../../lambdas/platform/dead-letters/tables.ts'
import { kafkaEvent } from '../../../localstack/runtime/kafka/event.ts'
import { failureRecord } from '../../../localstack/runtime/kafka/failure-record.ts'
import { deadLetters, readBack, record, START } from '../../support/dead-letters.ts'

const content = fc.uint8Array({ maxLength: 12 }).map(bytes => Buffer.from(bytes))
const header: fc.Arbitrary<Header> = fc.record({
  name: fc.oneof(
    fc.constantFrom('a', 'b', '7', '', '__proto__', 'constructor', 'ce_id', 'CE_ID', 'ce_time', 'content-type', 'Ü'),
    fc.constantFrom('dlq_reason', 'dlq_error', 'dlq_topic', 'dlq_offset', 'dlq_attempts', 'dlq_mine', 'dlq_'),
  ),
  value: fc.oneof(
    content,
    fc.constant(null),
    fc.constantFrom('m-1', 'POISON', '-3').map(text => Buffer.from(text)),
  ),
})
const lost: fc.Arbitrary<IncomingRecord> = fc.record({
  topic: fc.constant('orders-commands'),
  partition: fc.nat(5),
  offset: fc.nat(),
  timestamp: fc.oneof(fc.constant(-1), fc.integer({ min: 1, max: 2 ** 42 })),
  key: fc.option(content),
  value: fc.option(
    fc.oneof(
      content,
      fc.json().map(text => Buffer.from(text)),
    ),
  ),
  headers: fc.array(header, { maxLength: 8 }),
})
const about = fc.record({
  reason: fc.constantFrom('INVALID', 'NOT_JSON'),
  error: fc.string(),
  consumer: fc.constantFrom('dev-order', ''),
  attempts: fc.nat(20),
})

/** As its letter is kept in the table, and read again. */
async function kept(letter: IncomingRecord): Promise<IncomingRecord | undefined> {
  const [first] = lettersIn(letter)
  if (!first) return undefined
  const store = memoryStore([deadLettersTable])
  const { item, parts } = itemsOf(first, { cameAt: START, now: START, sagaFields: ['orderId'] })
  await store.writeRows(parts)
  return (await readRecords(store, [item]))[0]
}

/** It begins with the record's own headers, and says beside them only the id of a record that had none. */
function expectAsItWas(back: IncomingRecord, own: IncomingRecord) {
  const { headers, key, value, topic } = back
  expect({ topic, key, value, headers: headers.slice(0, own.headers.length) }).toEqual({
    topic: own.topic,
    key: own.key,
    value: own.value,
    headers: own.headers,
  })
  const added = headers.slice(own.headers.length).map(({ name }) => name)
  const had = new Set(own.headers.map(({ name }) => name.toLowerCase()))
  expect(added).toEqual(added.length === 0 ? [] : ['ce_id'])
  expect(had.has('ce_id') && added.length > 0).toBe(false)
}

describe('a record comes back as it was', () => {
  test('from a dead letter of ours, however often it fails', async () => {
    await fc.assert(
      fc.asyncProperty(lost, about, fc.boolean(), async (own, why, twice) => {
        const letter = (of: IncomingRecord) => readBack(deadLetter(of, why), 3)
        const first = await kept(letter(own))
        expect(first).toEqual(own)
        const back = readBack(asItWas(own), 99, START)
        expectAsItWas(back, own)
        if (!twice) return
        const again = await kept(letter(back))
        expect(again).toEqual({ ...back, offset: 99 })
        // Nothing is added a second time.
        expect(readBack(asItWas(back), 99, START)).toEqual(back)
      }),
    )
  })

  test('from what Lambda gave up on', () => {
    fc.assert(
      fc.property(fc.array(lost, { minLength: 1, maxLength: 3 }), records => {
        const given = records.map(({ headers, key, value, ...place }, n) => ({
          ...place,
          partition: 0,
          offset: n,
          key: key && Buffer.from(key),
          value: value && Buffer.from(value),
          headers: headers.map(({ name, value }) => [name, value && Buffer.from(value)] as const),
        }))
        const event = kafkaEvent(given, { sourceArn: 'arn:aws:kafka:eu-west-1:111122223333:cluster/c/1' }, ['b:9092'])
        const as = (n: number) => ({ ...records[n], partition: 0, offset: n })
        // What a function gets, and what is in Lambda's document.
        expect(recordsOf(JSON.parse(JSON.stringify(event)) as never, '')).toEqual(records.map((_, n) => as(n)))
        const document = failureRecord({
          records: given,
          why: { condition: 'RetryAttemptsExhausted', attempts: 11, error: new Error('away') },
          functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:dev-payment:7',
          event,
          now: START,
        })
        const letters = lettersIn(record({ topic: 'orders-commands.dlq', value: JSON.stringify(document) }))
        expect(letters.map(letter => letter.record)).toEqual(records.map((_, n) => as(n)))
      }),
    )
  })
})

test('a dead letter shows each header, and tells a binary key and value from text', async () => {
  const desk = deadLetters()
  const headers = [
    { name: 'a', value: Buffer.from('1') },
    { name: 'b', value: null },
    { name: 'a', value: Buffer.from([0xff]) },
  ]
  const why = { reason: 'NOT_JSON', error: 'no', consumer: 'order', attempts: 1 } as const
  const binary = { ...record(), key: Buffer.from([0xff]), headers }
  const text = { ...record({ offset: 1 }), key: Buffer.from('\ufffd'), headers }
  await desk.index([binary, text].map((own, n) => readBack(deadLetter(own, why), n, START + n)))
  const { items } = (await desk.get('/dead-letters')).body as { items: { id: string; key: string }[] }
  expect(items).toMatchObject([{ key: '\ufffd' }, { key: '/w==', keyEncoding: 'base64' }])
  expect(items[0]).not.toHaveProperty('keyEncoding')
  expect((await desk.get(`/dead-letters/${items[1]?.id}`)).body).toMatchObject({
    key: '/w==',
    keyEncoding: 'base64',
    headerList: [
      { name: 'a', value: '1', valueEncoding: 'utf8' },
      { name: 'b', value: null, valueEncoding: 'utf8' },
      { name: 'a', value: '/w==', valueEncoding: 'base64' },
    ],
  })
})
