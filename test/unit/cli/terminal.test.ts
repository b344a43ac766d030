/** What others wrote does nothing to the terminal. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lines, oneLine, printableJson } from '../../../client/terminal-text.ts'
import { ACTS, cli, testsOfCommands } from '../../support/terminal-fuzz.ts'

const why = ['--reason', 'because']
const commands: readonly (readonly string[])[] = [
  ['sagas', 'list', '--limit', '1'],
  ['sagas', 'show', 'order', 'o1'],
  ['sagas', 'retry', 'order', 'o1', ...why],
  ['sagas', 'resolve', 'order', 'o1', '--outcome', 'done', ...why],
  ['dead-letters', 'list'],
  ['dead-letters', 'show', 'd1'],
  ['dead-letters', 'redrive', 'd1', ...why],
  ['dead-letters', 'discard', 'd1', ...why],
  ['dead-letters', 'redrive', '--all', ...why],
  ['consumers', 'list'],
  ['services', 'republish', 'payment', 'o1', ...why],
  ['services', 'republish', 'payment', 'o1', '--dry-run'],
]
testsOfCommands(commands)

test('what a person typed wrong is shown without acting either', async () => {
  const { err } = await cli(['sagas', 'list', '--status\u001b[2J\u202e', 'x'])
  expect(err).toContain(String.raw`\u{1b}[2J\u{202e}`)
  expect(err).not.toMatch(ACTS)
})

describe('text for a terminal', () => {
  test('keeps what people write: every script, emoji of several, marks', () => {
    for (const fine of ['Grüße', 'שלום', 'مرحبا', '日本語', '👩‍👩‍👧', '❤️‍🔥', '👩🏽‍🚀', 'e\u0301', '🇩🇪', '|%~'])
      expect(oneLine(fine)).toBe(fine)
  })
  test('shows a joiner that joins no emoji', () => {
    expect(oneLine('pay\u200dpal')).toBe(String.raw`pay\u{200d}pal`)
  })
  test('leaves the lines of ours', () => {
    expect(lines('a\nb\u001b')).toBe('a\nb\\u{1b}')
  })
  test('JSON stays the same JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), value => {
        const json = JSON.stringify(value, null, 2)
        expect(JSON.parse(printableJson(json))).toEqual(JSON.parse(json))
        expect(printableJson(json)).not.toMatch(ACTS)
      }),
    )
  })
})
