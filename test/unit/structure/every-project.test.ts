/** A kind of tests that no command runs is one that nobody sees fail. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import config from '../../../vitest.config.ts'

const text = readFileSync(join(import.meta.dirname, '../../run.ts'), 'utf8')
const body = (name: string) => new RegExp(`function ${name}\\(\\)[^]*?\\n}`).exec(text)?.[0] ?? ''
/** The projects that a function of `test/run.ts` runs. */
const runBy = (name: string) =>
  [...body(name).matchAll(/tests\([^[]*\[([^\]]*)\]/g)].flatMap(([, list = '']) =>
    list.split(',').map(one => one.trim().replaceAll("'", '')),
  )
const sorted = (names: Iterable<string>) => [...new Set(names)].sort((a, b) => a.localeCompare(b))

it('npm test and its longer kinds run every project of vitest.config.ts, and no other', () => {
  const projects = (config as { test: { projects: { test: { name: string } }[] } }).test.projects
  const run = ['everythingElse', 'whatTakesLong', 'leastPrivilege'].flatMap(runBy)
  expect(sorted(run)).toEqual(sorted(projects.map(({ test }) => test.name)))
})

it('npm test runs all but what takes long', () => {
  expect(sorted(runBy('everythingElse'))).toEqual(['e2e', 'infra', 'integration', 'simulation', 'types', 'unit'])
})
