/** What a patch of the syntax tree finds, whatever the text looks like, and what one that no longer fits says. */
import { describe, expect, test } from 'vitest'
import { insertBefore, insertFirst, type Patch, remove, replace } from '../../mutants/mutant.ts'
import { patched } from '../../mutants/tree/apply.ts'
import { Sources } from '../../mutants/tree/sources.ts'

const FILE = 'lambdas/engine/delivery/parcels.ts'
const CODE = `
export function pack(parcel: Parcel, log: Log) {
  // The weight comes first.
  const weight = parcel.weight ?? heaviest(log)
  if (weight > 30 && !parcel.isFragile) return { kind: 'refuse', why: "it is too heavy", weight }
  log.info('packed', { weight })
  return { kind: 'commit', weight }
}
const heaviest = (log: Log) => (log.worst === undefined ? 0 : log.worst)
export const ship = { pack: (parcel: Parcel) => heaviest(parcel) }
`
const from = (text = CODE, more: readonly (readonly [string, string])[] = []) =>
  new Sources(new Map([[FILE, text], ...more]))
const after = (patch: Patch, text?: string) => patched(from(text), [patch], 'a-mutant').textOf(FILE)
const complaint = (patch: Patch, sources = from()) => {
  try {
    patched(sources, [patch], 'a-mutant')
  } catch (error) {
    return (error as Error).message
  }
  return 'it applies'
}

describe('a patch finds', () => {
  test('an expression, whatever stands for a metavariable', () => {
    expect(after(replace('pack', '$A ?? heaviest($B)', '$A'))).toContain('const weight = parcel.weight\n')
  })
  test('the same in other quotes, lines, parentheses, types, and with another comment', () => {
    const other = CODE.replace(
      'parcel.weight ?? heaviest(log)',
      '(parcel.weight) ??\n    (heaviest(\n      log as Log, // it knows\n    ))',
    ).replace('"it is too heavy"', "'it is too heavy'")
    expect(after(replace('pack', '$A ?? heaviest($B)', '0'), other)).toMatch(/const weight = 0\n/)
    expect(after(replace('pack', "{ kind: 'refuse', $$$REST }", 'undefined'), other)).toContain('return undefined')
  })
  test('a statement, and leaves it out', () => {
    expect(after(remove('pack', "log.info('packed', $A)"))).not.toContain('packed')
  })
  test('one side of a condition, and keeps the other', () => {
    const text = after(remove('pack', '!parcel.isFragile'))
    expect(text).toMatch(/if \(\(?weight > 30\)?\) return/)
  })
  test('any number of properties in a row', () => {
    expect(after(replace('pack', "{ kind: 'refuse', $$$REST }", "{ kind: 'ignore', $$$REST }"))).toContain(
      `{ kind: 'ignore', why: "it is too heavy", weight }`,
    )
  })
  test('a place to insert something before', () => {
    expect(after(insertBefore('pack', "log.info('packed', $A)", 'log.info(weight)'))).toMatch(
      /log\.info\(weight\);\s+log\.info\('packed'/,
    )
    expect(after(insertFirst('pack', 'log.info(parcel)'))).toMatch(/log\.info\(parcel\);\s+const weight/)
  })
  test('the method of an object, by what contains it', () => {
    expect(after(replace('ship.pack', 'heaviest($A)', '$A'))).toContain('(parcel: Parcel) => parcel')
  })
})

describe('a patch that does not fit says why, with the name of its mutant', () => {
  test.each<[string, Patch, string]>([
    ['no such declaration', remove('packed', 'x'), 'a-mutant: there is no packed: '],
    [
      'nothing of that pattern, and what is near',
      replace('pack', '$A ?? lightest($B)', '0'),
      'a-mutant: 0 places in pack (lambdas/engine/delivery/parcels.ts:2) are `$A ?? lightest($B)`, there must be one; near is `parcel.weight ?? heaviest(log)`',
    ],
    ['two places', replace('pack', 'weight', '0'), 'places in pack'],
    [
      'a name that the declaration does not know',
      replace('pack', '$A ?? heaviest($B)', 'scales.read()'),
      'has no scales',
    ],
    ['no change', replace('pack', 'parcel.weight', 'parcel.weight'), 'it changes nothing in pack'],
    [
      'a metavariable of nothing',
      replace('pack', '$A ?? heaviest($B)', '$C'),
      '$C of `$C` is nothing that the pattern finds',
    ],
  ])('%s', (_, patch, why) => {
    expect(complaint(patch)).toContain(why)
    expect(complaint(patch)).toMatch(/^a-mutant: /)
  })

  test('a name in two files: which there are, and how to choose', () => {
    const two = from(CODE, [['lambdas/platform/parcels.ts', CODE]])
    expect(complaint(insertFirst('pack', 'log.info(1)'), two)).toContain(
      `pack is declared in ${FILE} and lambdas/platform/parcels.ts: say which, as \`pack in <folder>\``,
    )
    expect(complaint(insertFirst('pack in platform', 'log.info(1)'), two)).toBe('it applies')
  })
})
