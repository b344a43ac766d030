import { expect, test } from 'vitest'
import { movesTo, readFrom } from '../../../bin/cli/replay-plan.ts'

test('a place is an offset, a time or the beginning', () => {
  expect(readFrom('beginning')).toEqual({ kind: 'beginning' })
  expect(readFrom('17')).toEqual({ kind: 'offset', offset: 17 })
  expect(readFrom('1970-01-01T00:00:01Z')).toEqual({ kind: 'time', ms: 1000 })
  expect(readFrom('1970-01-01T01:00:01+01:00')).toEqual({ kind: 'time', ms: 1000 })
  for (const text of ['', '-1', 'yesterday', 'end', '2026-11-21', '1.5']) expect(readFrom(text), text).toBeUndefined()
})

const partition = { number: 0, low: 10, high: 50, at: 40 }
const toOf = (text: string, more: object = {}) => {
  const from = readFrom(text)
  if (!from) throw new Error(text)
  return movesTo(from, [{ ...partition, ...more }])[0]
}

test('it goes back as far as records are kept, and handles those again that it has handled', () => {
  expect(toOf('beginning')).toEqual({ number: 0, was: 40, to: 10, again: 30 })
  expect(toOf('3')?.to).toBe(10)
  expect(toOf('25')).toEqual({ number: 0, was: 40, to: 25, again: 15 })
  expect(toOf('2026-01-01T00:00:00Z', { since: 30 })?.to).toBe(30)
})

test('it never goes forward: what was not handled is not left out', () => {
  expect(toOf('45')).toEqual({ number: 0, was: 40, to: 40, again: 0 })
  // Nothing was written since.
  expect(toOf('2026-01-01T00:00:00Z', { since: 50 })?.to).toBe(40)
})
