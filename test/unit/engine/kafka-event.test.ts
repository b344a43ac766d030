import { expect, test } from 'vitest'
import { recordsOf } from '#engine/adapters/lambda/kafka-event.ts'

const event = (headers: unknown) => ({
  records: { 'dev-a-0': [{ topic: 'dev-a', partition: 0, offset: 3, timestamp: 1, headers: headers as never }] },
})

test('a record as Lambda hands it over: prefix off, signed bytes, no key, no value', () => {
  expect(recordsOf(event([{ h: [-30, -126, -84] }]), 'dev-')).toEqual([
    {
      topic: 'a',
      partition: 0,
      offset: 3,
      timestamp: 1,
      key: null,
      value: null,
      headers: [{ name: 'h', value: Buffer.from('€') }],
    },
  ])
})

test('a header without a value does not fail the batch for ever', () => {
  expect(recordsOf(event([{ h: null }]), '')[0]?.headers).toEqual([{ name: 'h', value: null }])
  expect(recordsOf(event([{ h: [] }]), '')[0]?.headers).toEqual([{ name: 'h', value: Buffer.from('') }])
  expect(recordsOf(event(null), '')[0]?.headers).toEqual([])
})
