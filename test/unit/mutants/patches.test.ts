import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { patched, PatchError, root } from '../../mutants/copy.ts'
import { mutants } from '../../mutants/list.ts'
import { patch } from '../../mutants/mutant.ts'

test('a patch that does not apply is an error that names its mutant and its file', () => {
  const once = patch('a.ts', 'two', '2')
  expect(patched('one two three', once, 'm')).toBe('one 2 three')
  expect(() => patched('one three', once, 'm')).toThrow(
    new PatchError('m: 0 places in a.ts are `two`, there must be one'),
  )
  expect(() => patched('two two', once, 'm')).toThrow(
    new PatchError('m: 2 places in a.ts are `two`, there must be one'),
  )
  expect(() => patched('two', patch('a.ts', 'two', 'two'), 'm')).toThrow('m: it changes nothing in a.ts')
})

test('every mutant has a name of its own, applies, and leaves production code alone but for its patch', async () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  for (const { name, patches, worlds } of mutants) {
    expect(name).toMatch(/^[a-z0-9-]+$/)
    expect(worlds.length, name).toBeGreaterThan(0)
    const sources = new Map<string, string>()
    for (const one of patches) {
      expect(one.file, name).toMatch(/^lambdas\//)
      const source = sources.get(one.file) ?? (await readFile(join(root, one.file), 'utf8'))
      sources.set(one.file, patched(source, one, name))
    }
  }
})

test('each delivery rule and each quoting rule has a mutant, and there are eight more', () => {
  const rules = new Set(mutants.map(({ rule }) => rule))
  for (let n = 1; n <= 10; n++) expect(rules).toContain(`delivery ${n}`)
  for (let n = 1; n <= 8; n++) expect(rules).toContain(`quoting ${n}`)
  expect(mutants.filter(({ rule }) => !/^(delivery|quoting) \d/.test(rule)).length).toBeGreaterThanOrEqual(8)
})
