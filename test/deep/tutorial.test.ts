import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandsOf, runNode, withDiff, writeFiles } from '../support/guide.ts'
import {
  expectNothingOfLintAndFormat,
  expectTestsToPass,
  expectTypesToHold,
  removeCopy,
  workingCopy,
} from '../support/working-copy.ts'

/** Follows `docs/add-a-saga.md` to the letter in a copy of the repository, and runs every check there that needs no server. */
const root = join(import.meta.dirname, '../..')
const MINUTES = 60_000
const vitest = 'node_modules/vitest/vitest.mjs'
let copy = ''

beforeAll(async () => {
  copy = await workingCopy()
  const guide = await readFile(join(root, 'docs/add-a-saga.md'), 'utf8')
  await writeFiles(copy, guide)
  const catalog = join(copy, 'lambdas/catalog.ts')
  await writeFile(catalog, withDiff(await readFile(catalog, 'utf8'), guide))
  for (const command of commandsOf(guide)) await follow(command)
}, 15 * MINUTES)
afterAll(() => removeCopy(copy))

/** A command of the guide, without what installs the repository's tools first. `npm start` needs servers. */
async function follow(command: string): Promise<void> {
  if (command === 'npm start') return
  const { scripts } = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const npmScript = /^npm run (\S+)$/.exec(command)?.[1]
  const script = npmScript === undefined ? undefined : scripts[npmScript]?.replace('node scripts/bootstrap.mjs ', '')
  const args = script?.split(' ') ?? [vitest, ...command.replace(/^npx vitest /, '').split(' ')]
  if (script === undefined && !command.startsWith('npx vitest ')) throw new Error(`nobody knows how to run ${command}`)
  await runNode(copy, ...args)
}

describe('after the tutorial, to the letter', () => {
  it('the types hold', () => expectTypesToHold(copy), 2 * MINUTES)

  it('lint and format have nothing to say', () => expectNothingOfLintAndFormat(copy), 5 * MINUTES)

  it.each(['unit', 'types', 'infra'])(
    'every test of %s passes',
    async project => {
      expect(await expectTestsToPass(copy, project)).toBeGreaterThan(0)
    },
    20 * MINUTES,
  )
})
