import { describe, expect, it } from 'vitest'
import {
  batchOf,
  identify,
  kafkaEvent,
  type KafkaRecord,
  passes,
  reported,
} from '../../../../localstack/runtime/kafka/event.ts'
import { failureRecord } from '../../../../localstack/runtime/kafka/failure-record.ts'

const record = (overrides: Partial<KafkaRecord> = {}): KafkaRecord => ({
  topic: 'orders-events',
  partition: 2,
  offset: 7,
  timestamp: 1_700_000_000_000,
  key: Buffer.from('o1'),
  value: Buffer.from('{"eventType":"OrderCreatedEvent","data":{"n":1}}'),
  headers: [
    ['ce_id', Buffer.from('order:o1.1.0')],
    ['raw', Buffer.from([0, 127, 128, 255])],
  ],
  ...overrides,
})
const plan = { sourceArn: 'arn:aws:kafka:x:1:cluster/c/u' }

describe('a Kafka event', () => {
  it('has the shape that Lambda gives it', () => {
    expect(kafkaEvent([record()], plan, ['127.0.0.1:19092'])).toEqual({
      eventSource: 'aws:kafka',
      eventSourceArn: 'arn:aws:kafka:x:1:cluster/c/u',
      bootstrapServers: '127.0.0.1:19092',
      records: {
        'orders-events-2': [
          {
            topic: 'orders-events',
            partition: 2,
            offset: 7,
            timestamp: 1_700_000_000_000,
            timestampType: 'CREATE_TIME',
            key: 'bzE=',
            value: Buffer.from('{"eventType":"OrderCreatedEvent","data":{"n":1}}').toString('base64'),
            headers: [{ ce_id: [...Buffer.from('order:o1.1.0')] }, { raw: [0, 127, -128, -1] }],
          },
        ],
      },
    })
  })

  it('leaves out a key and a value that are null', () => {
    const [only] = Object.values(kafkaEvent([record({ key: null, value: null })], plan, []).records).flat()
    expect(only).not.toHaveProperty('key')
    expect(only).not.toHaveProperty('value')
  })

  it('reads the identifiers of a partial batch response', () => {
    expect(reported({ partition: 'orders-events-2', offset: 7 })).toBe(identify(record()))
    for (const wrong of [
      'orders-events-2',
      null,
      { partition: 'orders-events-2', offset: '7' },
      { partition: 2, offset: 7 },
    ])
      expect(reported(wrong)).toBeUndefined()
  })
})

describe('filters', () => {
  const byType = [{ value: { commandType: ['A'] } }, { value: { eventType: ['OrderCreatedEvent'] } }]

  it('let everything through where there are none', () => {
    expect(passes(record({ value: Buffer.from('garbage') }), [])).toBe(true)
  })
  it('look into the value, any one is enough', () => {
    expect(passes(record(), byType)).toBe(true)
    expect(passes(record({ value: Buffer.from('{"eventType":"Other"}') }), byType)).toBe(false)
  })
  it.each([['garbage'], ['3'], ['null'], ['']])('drop %j, which is no JSON object', text => {
    expect(passes(record({ value: Buffer.from(text) }), byType)).toBe(false)
  })
  it('drop a tombstone', () => {
    expect(passes(record({ value: null }), byType)).toBe(false)
  })
  it('leave the value alone if they do not name it', () => {
    expect(passes(record({ value: Buffer.from('garbage') }), [{ partition: [2] }])).toBe(true)
    expect(passes(record(), [{ key: ['o2'] }])).toBe(false)
  })
})

describe('batches', () => {
  it('hold as many records as the mapping says', () => {
    expect(
      batchOf(
        Array.from({ length: 10 }, () => record()),
        4,
      ),
    ).toBe(4)
    expect(batchOf([record()], 4)).toBe(1)
  })
  it("stay under Lambda's 6 MB, with at least one record", () => {
    const large = record({ value: Buffer.alloc(900 * 1024) })
    expect(
      batchOf(
        Array.from({ length: 20 }, () => large),
        100,
      ),
    ).toBe(5)
    expect(batchOf([record({ value: Buffer.alloc(7 * 1024 * 1024) })], 100)).toBe(1)
  })
})

describe('what is given up on', () => {
  it("is one document of Lambda's shape, with the whole event inside", () => {
    const event = kafkaEvent([record(), record({ offset: 8 })], plan, ['127.0.0.1:19092'])
    const document = failureRecord({
      records: [record(), record({ offset: 8 })],
      why: { condition: 'RetryAttemptsExhausted', attempts: 11, error: new Error('x') },
      functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:order-saga',
      event,
      now: 1_700_000_001_000,
    })
    expect(document).toMatchObject({
      requestContext: {
        functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:order-saga',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 11,
      },
      version: '1.0',
      timestamp: '2023-11-14T22:13:21.000Z',
      KafkaBatchInfo: {
        batchSize: 2,
        recordsInfo: { 'orders-events-2': { firstRecordOffset: 7, lastRecordOffset: 8 } },
      },
    })
    expect(JSON.parse(document.payload)).toEqual(event)
  })
})
