/** A copy of all that git knows here or would, in which a test follows a page to the letter, and what is red there then. */
import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { runNode } from './guide.ts'

const root = join(import.meta.dirname, '../..')
const vitest = 'node_modules/vitest/vitest.mjs'

export async function workingCopy(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'recourse-working-'))
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    await mkdir(dirname(join(copy, file)), { recursive: true })
    // What is deleted and not committed yet is listed too.
    await copyFile(join(root, file), join(copy, file)).catch(unlessMissing)
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  // biome reads .gitignore, and asks for a repository.
  execFileSync('git', ['init', '--quiet'], { cwd: copy })
  return copy
}

export const removeCopy = (copy: string) => rm(copy, { recursive: true, force: true })

export async function expectTypesToHold(copy: string): Promise<void> {
  expect(await runNode(copy, 'node_modules/typescript/bin/tsc', '-p', '.', '--pretty', 'false')).toBe('')
}

export async function expectNothingOfLintAndFormat(copy: string): Promise<void> {
  expect(await runNode(copy, 'node_modules/oxlint/bin/oxlint', '--type-aware')).toMatch(/Found 0 warnings and 0 errors/)
  expect(await runNode(copy, 'node_modules/@biomejs/biome/bin/biome', 'format', '.')).toMatch(/^Checked \d+ files/)
}

/** Every test of these projects of Vitest passes. How many that were. */
export async function expectTestsToPass(copy: string, ...projects: string[]): Promise<number> {
  const chosen = projects.flatMap(project => ['--project', project])
  const run = await runNode(copy, vitest, 'run', ...chosen, '--reporter=json', '--outputFile=report.json')
  const report = JSON.parse(await readFile(join(copy, 'report.json'), 'utf8')) as Report
  const failed = report.testResults.flatMap(({ name, status, assertionResults }) =>
    status === 'passed'
      ? []
      : [name, ...assertionResults.flatMap(one => (one.status === 'failed' ? one.fullName : []))],
  )
  expect(failed, run).toEqual([])
  expect(report.numPassedTests).toBeGreaterThan(0)
  return report.numPassedTests
}

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
