import { expect, test, vi } from 'vitest'
import { createSemaphore, HungUp } from '../../../../localstack/runtime/gateway/semaphore.ts'

test('so many at once, the others in the order that they came, also after one that failed', async () => {
  const turns = createSemaphore(2)
  const began: number[] = []
  const ends: (() => void)[] = []
  const results = [0, 1, 2, 3].map(n =>
    turns(async () => {
      began.push(n)
      await new Promise<void>(resolve => ends.push(resolve))
      if (n === 0) throw new Error('failed')
      return n
    }),
  )
  const settled = Promise.allSettled(results)
  for (const [i, so] of [
    [0, 1],
    [0, 1, 2],
    [0, 1, 2, 3],
  ].entries()) {
    await new Promise(resolve => setImmediate(resolve))
    expect(began).toEqual(so)
    ends[i]?.()
  }
  await new Promise(resolve => setImmediate(resolve))
  ends[3]?.()
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
})

const forever = () => new Promise<never>(() => {})
const settled = () => new Promise(resolve => setImmediate(resolve))

test('whoever hangs up leaves the line at once, and gives up the place', async () => {
  const turns = createSemaphore(1)
  const [first, second] = [new AbortController(), new AbortController()]
  void turns(forever, { signal: first.signal })
  const left = turns(forever, { signal: second.signal })
  const third = turns(async () => 'third')
  second.abort()
  await expect(left).rejects.toBeInstanceOf(HungUp)
  first.abort()
  expect(await third).toBe('third')
  await expect(turns(forever, { signal: first.signal })).rejects.toBeInstanceOf(HungUp)
})

test('a place is held for so long at most, and given back once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const turns = createSemaphore(1)
    const ends: (() => void)[] = []
    const work = () => new Promise<void>(resolve => ends.push(resolve))
    const all = [1, 2, 3].map(() => turns(work, { holdMs: 1000 }))
    await settled()
    expect(ends).toHaveLength(1)
    vi.advanceTimersByTime(1000)
    await settled()
    expect(ends).toHaveLength(2)
    // It had given its place back already: nobody begins for it a second time.
    ends[0]?.()
    await settled()
    expect(ends).toHaveLength(2)
    ends[1]?.()
    await settled()
    ends[2]?.()
    await Promise.all(all)
  } finally {
    vi.useRealTimers()
  }
})
