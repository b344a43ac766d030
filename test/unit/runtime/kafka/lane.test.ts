import { describe, expect, it } from 'vitest'
import type { KafkaRecord } from '../../../../localstack/runtime/kafka/event.ts'
import { createLane, type LanePorts } from '../../../../localstack/runtime/kafka/lane.ts'

const plan = {
  functionName: 'order-saga',
  topic: 't',
  groupId: 'g',
  sourceArn: 'a',
  batchSize: 3,
  windowSeconds: 0,
  filters: [] as unknown[],
  startingPosition: 'TRIM_HORIZON' as const,
  bisects: false,
  retryAttemptsMax: 2,
  recordAgeSecondsMax: -1,
  reportsItemFailures: true,
}
const record = (offset: number, value = '{}'): KafkaRecord => ({
  topic: 't',
  partition: 0,
  offset,
  timestamp: 0,
  key: null,
  value: Buffer.from(value),
  headers: [],
})
const records = (from: number, count: number) => Array.from({ length: count }, (_, i) => record(from + i))

function lane(invoke: (offsets: number[]) => unknown, settings: Partial<typeof plan> = {}) {
  const told = {
    batches: [] as number[][],
    acknowledged: [] as number[],
    full: [] as boolean[],
    givenUp: [] as number[],
  }
  const ports: LanePorts = {
    invoke: async batch => {
      const offsets = batch.map(({ offset }) => offset)
      told.batches.push(offsets)
      return await invoke(offsets)
    },
    identify: ({ offset }) => String(offset),
    reported: String,
    fromFirstReported: false,
    createdAt: () => 0,
    giveUp: async batch => void told.givenUp.push(...batch.map(({ offset }) => offset)),
    now: Date.now,
    pause: ms => new Promise(resolve => setTimeout(resolve, Math.min(ms, 5))),
    serversUp: async () => {},
    acknowledged: offset => void told.acknowledged.push(offset),
    full: isFull => void told.full.push(isFull),
    broken: error => {
      throw error
    },
  }
  return { told, ...createLane({ ...plan, ...settings }, ports) }
}

describe('a partition of an event source', () => {
  it('hands over batches in order, one at a time, and acknowledges each after it is handled', async () => {
    let atOnce = 0
    const { told, push } = lane(async () => {
      atOnce += 1
      expect(atOnce).toBe(1)
      await new Promise(resolve => setTimeout(resolve, 5))
      atOnce -= 1
    })
    push(records(0, 4))
    push(records(4, 4))
    await expect.poll(() => told.acknowledged.at(-1)).toBe(8)
    expect(told.batches.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(told.batches.every(batch => batch.length <= 3)).toBe(true)
  })

  it('acknowledges no further than the first record that failed', async () => {
    let calls = 0
    const { told, push } = lane(() => {
      calls += 1
      return calls === 1 ? { batchItemFailures: [{ itemIdentifier: '1' }, { itemIdentifier: '2' }] } : undefined
    })
    push(records(0, 3))
    await expect.poll(() => told.acknowledged.at(-1)).toBe(3)
    expect(told.acknowledged).toEqual([1, 3])
    expect(told.batches).toEqual([
      [0, 1, 2],
      [1, 2],
    ])
  })

  it('goes on with the next batch after giving up on one', async () => {
    const { told, push } = lane(offsets => {
      if (offsets.includes(0)) throw new Error('never')
    })
    push(records(0, 4))
    await expect.poll(() => told.acknowledged.at(-1)).toBe(4)
    expect(told.givenUp).toEqual([0, 1, 2])
    expect(told.batches.at(-1)).toEqual([3])
  })

  it('acknowledges what the filter drops, without an invocation', async () => {
    const { told, push } = lane(() => undefined, { filters: [{ value: { type: ['A'] } }] })
    push([record(0, 'no JSON'), record(1, '{"type":"B"}')])
    push([record(2, '{"type":"A"}'), record(3, '{"type":"B"}')])
    await expect.poll(() => told.acknowledged.at(-1)).toBe(4)
    expect(told.batches).toEqual([[2]])
  })

  it('takes no record twice that is read again after a rejoin', async () => {
    const { told, push } = lane(() => undefined)
    push(records(0, 3))
    push(records(1, 4))
    await expect.poll(() => told.acknowledged.at(-1)).toBe(5)
    expect(told.batches.flat()).toEqual([0, 1, 2, 3, 4])
  })

  it('waits for its window to fill a batch', async () => {
    const { told, push } = lane(() => undefined, { windowSeconds: 0.2 })
    push(records(0, 1))
    setTimeout(() => push(records(1, 1)), 50)
    await expect.poll(() => told.acknowledged.at(-1)).toBe(2)
    expect(told.batches).toEqual([[0, 1]])
  })

  it('asks for no more when it holds enough, and again when it has room', async () => {
    let release = () => {}
    const gate = new Promise<void>(resolve => (release = resolve))
    const { told, push } = lane(() => gate)
    push(records(0, 20))
    await expect.poll(() => told.full).toEqual([true])
    release()
    await expect.poll(() => told.full).toEqual([true, false])
  })

  it('leaves the rest for the next session when it is stopped', async () => {
    let release = () => {}
    const gate = new Promise<void>(resolve => (release = resolve))
    const running = lane(() => gate)
    const { told } = running
    running.push(records(0, 9))
    await expect.poll(() => told.batches.length).toBe(1)
    const stopped = running.stop()
    release()
    await stopped
    expect(told.acknowledged).toEqual([3])
    expect(told.batches).toHaveLength(1)
  })
})
