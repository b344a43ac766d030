import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deadLetter } from '#engine/delivery/dead-letter.ts'
import { letterId, lettersIn } from '../../../lambdas/platform/dead-letters/dead-letter-record.ts'
import { failureRecord } from '../../../localstack/runtime/kafka/failure-record.ts'
import { kafkaEvent } from '../../../localstack/runtime/kafka/event.ts'
import { readBack, record } from '../../support/dead-letters.ts'

const failed = [3, 4].map(offset => ({
  topic: 'dev-payments-commands',
  partition: 2,
  offset,
  timestamp: 1_700_000_000_000 + offset,
  key: Buffer.from('o1'),
  value: Buffer.from(`{"commandID":"c-${offset}"}`),
  headers: [['ce_id', Buffer.from(`c-${offset}`)]] as const,
}))
/** As Lambda writes it, and as the topic's reader gets it. */
function fromLambda(records = failed) {
  const document = failureRecord({
    records,
    why: { condition: 'RetryAttemptsExhausted', attempts: 11, error: new Error('away') },
    functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:dev-payment:7',
    event: kafkaEvent(records, { sourceArn: 'arn:aws:kafka:eu-west-1:111122223333:cluster/c/1' }, ['b:9092']),
    now: 1_700_000_100_000,
  })
  return record({ topic: 'payments-commands.dlq', value: JSON.stringify(document) })
}

describe('a dead letter of ours', () => {
  const lost = record({ partition: 1, offset: 42, timestamp: 7, value: 'not JSON', headers: { 'x-mine': 'kept' } })
  const about = { reason: 'NOT_JSON', error: 'the value is not JSON', consumer: 'dev-order', attempts: 1 } as const
  const written = deadLetter(lost, about)

  test('is the record as it was, with why, where from and by whom', () => {
    expect(lettersIn(readBack(written, 9))).toEqual([
      { id: letterId('dev-order', lost), ...about, record: lost, redrivable: true },
    ])
  })

  test('is one, however often it was written, and another for another consumer', () => {
    const [first, second] = [3, 8].flatMap(offset => lettersIn(readBack(written, offset)))
    expect(first?.id).toBe(second?.id)
    expect(first?.id).toMatch(/^[0-9a-f]{32}$/)
    expect(letterId('dev-policy', lost)).not.toBe(first?.id)
  })

  test('belongs to its topic of dead letters, whatever a header says', () => {
    const headers = { ...written.headers, dlq_topic: 'saga-control' }
    expect(lettersIn(readBack({ ...written, headers }))[0]?.record.topic).toBe('orders-commands')
  })

  test('keeps an empty record: no key, no value', () => {
    const empty = record({ key: null, value: null })
    const [letter] = lettersIn(readBack(deadLetter(empty, { ...about, reason: 'TOMBSTONE' })))
    expect(letter?.record).toEqual(empty)
  })
})

describe('a failure record of Lambda', () => {
  test('holds as many letters as records, each as it was', () => {
    const letters = lettersIn(fromLambda())
    expect(letters).toMatchObject([
      {
        reason: 'RETRY_ATTEMPTS_EXHAUSTED',
        consumer: 'dev-payment',
        attempts: 11,
        redrivable: true,
        record: { topic: 'payments-commands', partition: 2, offset: 3, timestamp: 1_700_000_000_003 },
      },
      { record: { topic: 'payments-commands', partition: 2, offset: 4 } },
    ])
    expect(letters.map(({ record }) => record.value?.toString())).toEqual([
      '{"commandID":"c-3"}',
      '{"commandID":"c-4"}',
    ])
    expect(letters[0]?.record.headers).toEqual([{ name: 'ce_id', value: Buffer.from('c-3') }])
    expect(letters[0]?.error).toContain('11 deliveries')
  })

  test('may hold the event as JSON in JSON', () => {
    const document = JSON.parse(String(fromLambda().value)) as { payload: string }
    const value = JSON.stringify({ ...document, payload: JSON.parse(document.payload) as unknown })
    expect(lettersIn(record({ topic: 'payments-commands.dlq', value }))).toEqual(lettersIn(fromLambda()))
  })

  test('without its records is shown as it is, and cannot be sent back', () => {
    const document = JSON.parse(String(fromLambda().value)) as Record<string, unknown>
    for (const payload of [undefined, 'cut off {', '{"records":{}}', '{"records":{"a-0":[{"topic":7}]}}']) {
      const [letter, ...more] = lettersIn(
        record({ topic: 'payments-commands.dlq', value: JSON.stringify({ ...document, payload }) }),
      )
      expect(more).toEqual([])
      expect(letter).toMatchObject({ reason: 'RETRY_ATTEMPTS_EXHAUSTED', consumer: 'dev-payment', redrivable: false })
      expect(letter?.record.topic).toBe('payments-commands')
    }
  })
})

test('what somebody put there without a word is a letter too', () => {
  expect(lettersIn(record({ topic: 'orders-events.dlq', partition: 2, offset: 5, value: '{"a":1}' }))).toMatchObject([
    { reason: 'NOT_SAID', consumer: '', record: { topic: 'orders-events', partition: 2, offset: 5 }, redrivable: true },
  ])
})

test('whatever is in a dead-letter topic is at least one letter', () => {
  const names = fc.constantFrom('dlq_reason', 'dlq_offset', 'dlq_partition', 'dlq_timestamp', 'dlq_attempts', 'x')
  const headers = fc.dictionary(names, fc.string())
  const value = fc.oneof(fc.string(), fc.json(), fc.constant(null), fc.uint8Array())
  fc.assert(
    fc.property(value, headers, (value, headers) => {
      const letters = lettersIn(record({ topic: 'orders-events.dlq', value, headers }))
      expect(letters.length).toBeGreaterThan(0)
      for (const { id, record } of letters) {
        expect(id).toMatch(/^[0-9a-f]{32}$/)
        expect(Number.isSafeInteger(record.offset)).toBe(true)
      }
    }),
  )
})
