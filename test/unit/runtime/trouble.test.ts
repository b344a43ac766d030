import { expect, test } from 'vitest'
import { createTrouble } from '../../../localstack/runtime/kafka/trouble.ts'

function troubled() {
  const shown: string[] = []
  let now = 0
  const trouble = createTrouble({ show: line => void shown.push(line), now: () => now })
  return { shown, trouble, pass: (ms: number) => void (now += ms) }
}

test('what goes wrong 66 times a second is told once a minute, with how often it was', () => {
  const { shown, trouble, pass } = troubled()
  for (let second = 0; second < 180; second += 1) {
    for (let n = 0; n < 66; n += 1) trouble.tell('a lost Kafka')
    pass(1000)
  }
  trouble.tell('another matter')
  expect(shown).toEqual([
    'a lost Kafka',
    'a lost Kafka (3959 times more since it was said)',
    'a lost Kafka (3959 times more since it was said)',
    'another matter',
  ])
})

test('is tried at once the first time, then later and later, and at once again after it went well', () => {
  const { trouble } = troubled()
  const pauses = Array.from({ length: 9 }, () => trouble.pauseAfter(0))
  expect(pauses).toEqual([0, 250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  expect([trouble.pauseAfter(59_999), trouble.pauseAfter(60_000), trouble.pauseAfter(5)]).toEqual([10_000, 0, 250])
})
