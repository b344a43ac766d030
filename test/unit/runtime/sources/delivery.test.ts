import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deliver, type DeliveryPorts, failedOf, type GivenUp } from '../../../../localstack/runtime/sources/delivery.ts'

const policy = { bisects: false, retryAttemptsMax: 3, recordAgeSecondsMax: -1, reportsItemFailures: true }
const failures = (...ids: number[]) => ({ batchItemFailures: ids.map(id => ({ itemIdentifier: String(id) })) })

/** Delivers the numbers 1 to `count` to a function and tells everything that happened. */
async function delivering(
  count: number,
  fn: (items: readonly number[], call: number) => unknown,
  { with: settings = {}, ports = {} }: { with?: Partial<typeof policy>; ports?: Partial<DeliveryPorts<number>> } = {},
) {
  const told = {
    calls: [] as number[][],
    givenUp: [] as { items: readonly number[]; why: GivenUp }[],
    pauses: [] as number[],
    pending: [] as number[][],
  }
  const items = Array.from({ length: count }, (_, i) => i + 1)
  await deliver(
    items,
    { ...policy, ...settings },
    {
      invoke: async given => {
        told.calls.push([...given])
        return fn(given, told.calls.length)
      },
      identify: String,
      reported: identifier => (typeof identifier === 'string' ? identifier : undefined),
      fromFirstReported: false,
      createdAt: () => 0,
      giveUp: async (given, why) => void told.givenUp.push({ items: given, why }),
      settled: pending => void told.pending.push([...pending]),
      now: () => 1000,
      pause: async ms => void told.pauses.push(ms),
      stopping: () => false,
      serversUp: async () => {},
      ...ports,
    },
  )
  return told
}
const throwing = (message: string) => () => {
  throw new Error(message)
}

describe('delivering a batch', () => {
  it.each([[undefined], [null], [{}], [{ batchItemFailures: [] }], [{ batchItemFailures: null }], ['anything']])(
    'takes %j for success',
    async answer => {
      const { calls, givenUp, pending } = await delivering(3, () => answer)
      expect(calls).toEqual([[1, 2, 3]])
      expect(givenUp).toEqual([])
      expect(pending).toEqual([[]])
    },
  )

  it('delivers again only what is reported as failed, in order', async () => {
    const { calls, pending } = await delivering(4, (_, call) => (call === 1 ? failures(4, 3) : undefined))
    expect(calls).toEqual([
      [1, 2, 3, 4],
      [3, 4],
    ])
    expect(pending).toEqual([[3, 4], []])
  })

  it('delivers a stream again from its first reported item on', async () => {
    const { calls } = await delivering(4, (_, call) => (call === 1 ? failures(2) : undefined), {
      ports: { fromFirstReported: true },
    })
    expect(calls).toEqual([
      [1, 2, 3, 4],
      [2, 3, 4],
    ])
  })

  it.each([
    ['names what is not in the batch', failures(2, 9)],
    ['names the same with another type', { batchItemFailures: [{ itemIdentifier: 2 }] }],
    ['holds no identifier', { batchItemFailures: [{}] }],
    ['is no list', { batchItemFailures: 'all' }],
  ])('fails the whole batch when the response %s', async (_, answer) => {
    const { calls } = await delivering(3, (_items, call) => (call === 1 ? answer : undefined))
    expect(calls).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  it('ignores the response of a function that does not report failures', async () => {
    const { calls } = await delivering(2, () => failures(1), { with: { reportsItemFailures: false } })
    expect(calls).toHaveLength(1)
  })

  it('gives up after the attempts of the policy, with growing pauses between them', async () => {
    const { calls, givenUp, pauses } = await delivering(2, throwing('no'))
    expect(calls).toHaveLength(4)
    expect(pauses).toEqual([200, 400, 800])
    expect(givenUp).toMatchObject([
      { items: [1, 2], why: { condition: 'RetryAttemptsExhausted', attempts: 4, error: { message: 'no' } } },
    ])
  })

  it('finds the one bad record by halves, and loses no other', async () => {
    const handled: number[] = []
    const fn = (items: readonly number[]) => {
      if (items.includes(5)) throw new Error('bad')
      handled.push(...items)
    }
    const { givenUp } = await delivering(8, fn, { with: { bisects: true } })
    expect(givenUp.map(({ items }) => items)).toEqual([[5]])
    expect(handled).toEqual([1, 2, 3, 4, 6, 7, 8])
  })

  it("counts every failed try of a topic's record, whatever else of its batch is handled meanwhile", async () => {
    const { calls, givenUp } = await delivering(8, items => failures(...items.slice(1)))
    expect(calls).toHaveLength(policy.retryAttemptsMax + 1)
    expect(givenUp.map(({ items, why }) => [items, why.attempts])).toEqual([[[5, 6, 7, 8], 4]])
  })

  it('begins to count again where a stream moves on', async () => {
    const { givenUp } = await delivering(8, items => failures(...items.slice(1)), {
      ports: { fromFirstReported: true },
    })
    expect(givenUp).toEqual([])
  })

  it("gives up on a record after its tries, though each of them handled another record of its topic's batch", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 6 }), async (count, retries) => {
        const { calls, givenUp } = await delivering(count, items => failures(...items.filter((_, i) => i % 3 !== 1)), {
          with: { retryAttemptsMax: retries },
        })
        for (const { items, why } of givenUp)
          for (const item of items) {
            expect(why.attempts).toBe(retries + 1)
            expect(calls.filter(call => call.includes(item))).toHaveLength(retries + 1)
          }
        expect(givenUp.flatMap(({ items }) => items)).toContain(1)
      }),
    )
  })

  it('gives up what is too old before it is delivered', async () => {
    const { calls, givenUp } = await delivering(3, () => undefined, {
      with: { recordAgeSecondsMax: 60 },
      ports: { now: () => 100_000, createdAt: item => (item === 1 ? 0 : 90_000) },
    })
    expect(givenUp).toMatchObject([{ items: [1], why: { condition: 'MaximumRecordAgeExceeded' } }])
    expect(calls).toEqual([[2, 3]])
  })

  it('waits out an outage of a day within the retries of the templates, trying every few seconds, and loses nothing', async () => {
    let now = 0
    const day = 24 * 60 * 60 * 1000
    const fn = (items: readonly number[]) => {
      if (now < day) throw new Error('connection refused')
      handled.push(...items)
    }
    const handled: number[] = []
    const pausesMade: number[] = []
    const { givenUp, calls } = await delivering(3, fn, {
      with: { bisects: true, retryAttemptsMax: 10_000, recordAgeSecondsMax: 604_800 },
      ports: {
        now: () => now,
        pause: async ms => {
          pausesMade.push(ms)
          now += ms
        },
      },
    })
    expect({ handled, givenUp }).toEqual({ handled: [1, 2, 3], givenUp: [] })
    expect(Math.max(...pausesMade)).toBeLessThanOrEqual(10_000)
    expect(calls.length).toBeLessThan(10_000)
  })

  it('gives up what has grown too old while it was tried, though retries are left', async () => {
    let now = 0
    const { givenUp, calls } = await delivering(1, throwing('away'), {
      with: { retryAttemptsMax: 10_000, recordAgeSecondsMax: 60 },
      ports: { now: () => now, pause: async ms => void (now += ms) },
    })
    expect(givenUp).toMatchObject([
      { items: [1], why: { condition: 'MaximumRecordAgeExceeded', error: { message: 'away' } } },
    ])
    expect(calls.length).toBeGreaterThan(5)
  })

  it('counts a retry for the same batch alone: not the splitting of one, and anew for each half', async () => {
    const { calls, givenUp } = await delivering(2, throwing('no'), { with: { bisects: true, retryAttemptsMax: 1 } })
    expect(calls).toEqual([[1, 2], [1], [1], [2], [2]])
    expect(givenUp.map(({ items, why }) => [items, why.attempts])).toEqual([
      [[1], 2],
      [[2], 2],
    ])
  })

  it('goes on giving up until it is kept', async () => {
    let tries = 0
    const giveUp = async () => {
      tries += 1
      if (tries < 3) throw new Error('the dead-letter topic is away')
    }
    const { pending } = await delivering(1, throwing('no'), { ports: { giveUp } })
    expect(tries).toBe(3)
    expect(pending.at(-1)).toEqual([])
  })

  it('leaves what is not handled when it is stopped', async () => {
    let calls = 0
    const { pending } = await delivering(2, () => failures(2), { ports: { stopping: () => (calls += 1) > 1 } })
    expect(pending).toEqual([[2]])
  })

  it('says what the function reported that is not in the batch', () => {
    const ports = { identify: String, reported: String, fromFirstReported: false }
    expect(() => failedOf(failures(7), [1, 2], ports)).toThrow(/"itemIdentifier":"7"/)
  })
})
