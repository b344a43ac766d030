import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runNode } from '../support/guide.ts'
import {
  expectNothingOfLintAndFormat,
  expectTestsToPass,
  expectTypesToHold,
  removeCopy,
  workingCopy,
} from '../support/working-copy.ts'

/** Does what `docs/how-to/remove-the-samples.md` says in a copy of the repository, with one scaffolded saga in their place. */
const MINUTES = 60_000
let copy = ''
let said = ''
beforeAll(async () => {
  copy = await workingCopy()
  said = await runNode(copy, 'scripts/samples/remove.ts')
  await runNode(copy, 'scripts/new/new.ts', 'saga', 'parcel')
  expect(await runNode(copy, 'scripts/update/update.ts')).not.toContain('FAILED')
}, 15 * MINUTES)
afterAll(() => removeCopy(copy))

describe('one scaffolded saga in the place of the samples', () => {
  it('is all that the repository deploys, locks and draws', async () => {
    const lock = async (file: string) => Object.keys(JSON.parse(await readFile(join(copy, file), 'utf8')) as object)
    expect(await lock('saga.lock.json')).toEqual(['parcel@1'])
    expect((await lock('contracts.lock.json')).filter(type => !/^(Parcel|Saga)/.test(type))).toEqual([])
    expect(await readFile(join(copy, 'stateful.lock.json'), 'utf8')).not.toMatch(/quotes|payments/)
    expect(existsSync(join(copy, 'docs/diagrams/parcel-saga.md'))).toBe(true)
    for (const path of ['lambdas/services/order', 'lambdas/quoting.ts', 'test/domains', 'docs/diagrams/order-saga.md'])
      expect(existsSync(join(copy, path)), path).toBe(false)
  })

  it('was made room for by a command that says what it did, and what is left to do', () => {
    expect(said).toMatch(/^out {6}\d+ files of the samples$/m)
    expect(said).toContain('changed  package.json: ')
    expect(said).toContain('npm run new -- saga <name>')
  })

  it('is in code whose types hold', () => expectTypesToHold(copy), 2 * MINUTES)

  it('is in code that lint and format have nothing against', () => expectNothingOfLintAndFormat(copy), 5 * MINUTES)

  it(
    'is in a repository whose tests without servers pass, and which are many',
    async () => {
      expect(await expectTestsToPass(copy, 'unit', 'types', 'infra', 'simulation')).toBeGreaterThan(1000)
    },
    20 * MINUTES,
  )
})
