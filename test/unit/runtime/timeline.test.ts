import { describe, expect, it } from 'vitest'
import type { KafkaRecord } from '../../../localstack/runtime/kafka/event.ts'
import { createTimeline } from '../../../localstack/runtime/timeline.ts'

const record = (overrides: Partial<KafkaRecord> = {}): KafkaRecord => ({
  topic: 'orders-events',
  partition: 1,
  offset: 0,
  timestamp: 0,
  key: Buffer.from('o1'),
  value: Buffer.from('{}'),
  headers: [
    ['ce_id', Buffer.from('order:o1.3.0')],
    ['ce_type', Buffer.from('OrderCreatedEvent')],
    ['sagaid', Buffer.from('o1')],
  ],
  ...overrides,
})

describe('the timeline', () => {
  it("tells a saga's messages with their place and the version of the item that caused them", () => {
    const timeline = createTimeline()
    timeline.observe(record())
    expect(timeline.of('o1')).toEqual([
      { message: 'OrderCreatedEvent', topic: 'orders-events', partition: 1, offset: 0, id: 'order:o1.3.0', version: 3 },
    ])
    expect(timeline.of('o2')).toEqual([])
  })

  it('counts a record once, however many consumers read it', () => {
    const timeline = createTimeline()
    for (const offset of [0, 1, 0, 1, 2]) timeline.observe(record({ offset }))
    expect(timeline.of('o1').map(({ offset }) => offset)).toEqual([0, 1, 2])
    expect(timeline.counts()).toEqual({ 'orders-events': 3 })
  })

  it('reads foreign messages without headers, and takes what can not be read', () => {
    const timeline = createTimeline()
    timeline.observe(
      record({ headers: [], value: Buffer.from('{"commandID":"command-1","commandType":"CreatePolicy"}') }),
    )
    timeline.observe(record({ headers: [], value: Buffer.from('garbage'), offset: 1 }))
    timeline.observe(record({ headers: [], value: null, key: null, offset: 2 }))
    expect(timeline.of('o1')).toEqual([
      { message: 'CreatePolicy', topic: 'orders-events', partition: 1, offset: 0, id: 'command-1' },
      { message: '?', topic: 'orders-events', partition: 1, offset: 1 },
    ])
  })

  it('remembers the latest sagas, within bounds', () => {
    const timeline = createTimeline()
    for (let i = 0; i < 6000; i += 1) timeline.observe(record({ offset: i, headers: [], key: Buffer.from(`o${i}`) }))
    expect(timeline.of('o0')).toEqual([])
    expect(timeline.of('o5999')).toHaveLength(1)
  })
})
