/** `docs/design.md` against what cites it: rules, files, symbols and mutants. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mutants } from '../../mutants/list.ts'
import { filesIn, headingsOf } from '../../support/markdown.ts'

const root = join(import.meta.dirname, '../../..')
const design = readFileSync(join(root, 'docs/design.md'), 'utf8')

interface Rule {
  /** `delivery 6`, as mutants say it. */
  readonly name: string
  readonly text: string
}

/** Some rules are about the samples. Who has removed those has neither their files nor their mutants. */
const hasSamples = existsSync(join(root, 'lambdas/services/order'))

const rules: readonly Rule[] = design.split(/^(?=#{2,3} )/m).flatMap(text => {
  const name = /^### ((?:Delivery|Quoting) \d+): /.exec(text)?.[1]
  return name === undefined ? [] : [{ name: name.toLowerCase(), text }]
})
const names = rules.map(({ name }) => name)

/** Each place that cites a rule: `rule 7` is delivery 7. */
const citations = filesIn(root, ['.'], ['.ts', '.mjs', '.md'])
  .filter(path => path !== 'docs/design.md')
  .flatMap(path =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/\b(rule|delivery|quoting) (\d+)\b/gi)].map(
      ([, kind = '', number]) => ({ path, rule: `${kind.toLowerCase().replace('rule', 'delivery')} ${number}` }),
    ),
  )

const mutantsIn = (text: string): string[] =>
  [...(/^\*\*Mutants\.\*\* (.+)$/m.exec(text)?.[1] ?? '').matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name)

describe('the design', () => {
  it('has the ten delivery rules and the eight quoting rules, in order', () => {
    const numbered = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind} ${i + 1}`)
    expect(names).toEqual([...numbered('delivery', 10), ...numbered('quoting', 8)])
  })

  it('has every rule that code, decision records, pages and mutants cite', () => {
    expect(citations.length).toBeGreaterThan(20)
    expect(citations.filter(({ rule }) => !names.includes(rule))).toEqual([])
  })

  it.each(rules)('$name says the rule, what breaks without it, and where it is', ({ text }) => {
    for (const part of ['Rule', 'Without it', 'In code'])
      expect(text).toMatch(new RegExp(`^\\*\\*${part}\\.\\*\\* .`, 'm'))
  })

  it.each(rules)('$name lists the mutants that take it out, all of them', ({ name, text }) => {
    const held = mutants.filter(({ rule }) => rule === name).map(mutant => mutant.name)
    // A rule without a mutant says why under the same heading.
    if (held.length === 0 && hasSamples) expect(text).toMatch(/^\*\*Mutants\.\*\* None: .{20}/m)
    const listed = mutantsIn(text).filter(mutant => hasSamples || held.includes(mutant))
    expect(listed.toSorted()).toEqual(held.toSorted())
  })

  it('names every mutant of the parts, and none that is not there', () => {
    const parts = design.slice(design.indexOf('## Mutants of the parts'))
    const held = mutants.filter(({ rule }) => !names.includes(rule)).map(({ name }) => name)
    const listed = [...parts.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name)
    expect(listed.filter(name => hasSamples || held.includes(name)).toSorted()).toEqual(held.toSorted())
  })

  it('has headings that a link can name', () => {
    const anchors = headingsOf(design).map(({ anchor }) => anchor)
    expect(new Set(anchors).size).toBe(anchors.length)
    expect(anchors).toContain('delivery-7-a-control-commit-carries-over-what-is-still-owed')
  })
})
