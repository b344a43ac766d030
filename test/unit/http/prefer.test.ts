import { expect, test } from 'vitest'
import { memoryClock } from '#engine/adapters/memory/clock.ts'
import { pauseOf, waitUntil } from '#engine/http/prefer.ts'

test('who hangs up is waited for no longer, and nothing is read for it any more', async () => {
  const clock = memoryClock(0)
  const hungUp = new AbortController()
  let reads = 0
  const read = async () => void (reads += 1)
  const waited = waitUntil({ clock, seconds: 20, hungUp: hungUp.signal }, read, () => false)
  await clock.advance(1000)
  expect(reads).toBeGreaterThan(1)
  const before = reads
  hungUp.abort()
  expect(await waited).toBeUndefined()
  await clock.advance(20_000)
  expect(reads).toBe(before)
})

test('one that had hung up before is not read for', async () => {
  let reads = 0
  const read = async () => void (reads += 1)
  const settings = { clock: memoryClock(0), seconds: 20, hungUp: AbortSignal.abort() }
  const waited = waitUntil(settings, read, () => false)
  expect(await waited).toBeUndefined()
  expect(reads).toBe(0)
})

test('many that wait look less often, one as often as ever', () => {
  expect(pauseOf(100, 1)).toBe(100)
  expect(pauseOf(800, 1)).toBe(800)
  expect(pauseOf(100, 210)).toBe(2100)
})
