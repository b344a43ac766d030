import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandsOf, runNode, withDiff, writeFiles } from '../support/guide.ts'

/** Follows `docs/add-a-saga.md` to the letter in a copy of the repository, and runs every check there that needs no server. */
const root = join(import.meta.dirname, '../..')
const MINUTES = 60_000
const vitest = 'node_modules/vitest/vitest.mjs'
let copy = ''

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'recourse-tutorial-'))
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    await mkdir(dirname(join(copy, file)), { recursive: true })
    // What is deleted and not committed yet is listed too.
    await copyFile(join(root, file), join(copy, file)).catch(unlessMissing)
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  const guide = await readFile(join(root, 'docs/add-a-saga.md'), 'utf8')
  await writeFiles(copy, guide)
  const catalog = join(copy, 'lambdas/catalog.ts')
  await writeFile(catalog, withDiff(await readFile(catalog, 'utf8'), guide))
  // biome reads .gitignore, and asks for a repository.
  execFileSync('git', ['init', '--quiet'], { cwd: copy })
  for (const command of commandsOf(guide)) await follow(command)
}, 15 * MINUTES)
afterAll(() => rm(copy, { recursive: true, force: true }))

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
  it('the types hold', async () => {
    expect(await runNode(copy, 'node_modules/typescript/bin/tsc', '-p', '.', '--pretty', 'false')).toBe('')
  })

  it(
    'lint and format have nothing to say',
    async () => {
      expect(await runNode(copy, 'node_modules/oxlint/bin/oxlint', '--type-aware')).toMatch(
        /Found 0 warnings and 0 errors/,
      )
      expect(await runNode(copy, 'node_modules/@biomejs/biome/bin/biome', 'format', '.')).toMatch(/^Checked \d+ files/)
    },
    5 * MINUTES,
  )

  it.each(['unit', 'types', 'infra'])(
    'every test of %s passes',
    async project => {
      const run = await runNode(
        copy,
        vitest,
        'run',
        '--project',
        project,
        '--reporter=json',
        '--outputFile=report.json',
      )
      const report = JSON.parse(await readFile(join(copy, 'report.json'), 'utf8')) as Report
      const failed = report.testResults.flatMap(({ name, status, assertionResults }) =>
        status === 'passed'
          ? []
          : [name, ...assertionResults.flatMap(one => (one.status === 'failed' ? one.fullName : []))],
      )
      expect(failed, run).toEqual([])
      expect(report.numPassedTests).toBeGreaterThan(0)
    },
    20 * MINUTES,
  )
})

interface Report {
  readonly numPassedTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

function unlessMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
