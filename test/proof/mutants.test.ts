import { afterAll, beforeAll, expect, test } from 'vitest'
import { controls, expectedOf, mutants } from '../mutants/list.ts'
import { DEFAULTS, runMutants, type Verdict } from '../mutants/run.ts'

const stopping = new AbortController()
const verdicts = new Map<string, Verdict>()
beforeAll(async () => {
  const all = await runMutants([...mutants, ...controls], { ...DEFAULTS, signal: stopping.signal })
  for (const verdict of all) verdicts.set(verdict.mutant.name, verdict)
}, 20 * 60_000)
afterAll(() => stopping.abort())

test.each(controls.map(({ name }) => name))('%s: nothing is found in the sources as they are', name => {
  const { outcome, text = '', replay = '' } = verdicts.get(name) ?? {}
  expect(outcome, `${text}\n${replay}`).toBe('survived')
})

test.each(mutants.map(mutant => [mutant.name, mutant] as const))('%s is found', (name, mutant) => {
  const { outcome, text = mutant.does } = verdicts.get(name) ?? {}
  expect(outcome, `${text}\nnpm run mutants -- --only ${name}`).toBe(expectedOf(mutant))
})
