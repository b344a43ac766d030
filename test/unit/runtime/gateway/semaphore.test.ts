import { expect, test } from 'vitest'
import { createSemaphore } from '../../../../localstack/runtime/gateway/semaphore.ts'

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
