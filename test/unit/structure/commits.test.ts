/** Subjects of commits fit into a line of `git log --oneline`, of a mail and of a forge: CONTRIBUTING.md asks for it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

const root = realpathSync(join(import.meta.dirname, '../../..'))
const SUBJECT_MAX = 72
/** Of those before it some are longer, and history is not rewritten. */
const SINCE = '40120de740c3'

const git = (...args: string[]) => {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}
// What was unpacked from an archive has no history, even where it lies within another repository.
const hasHistory = git('rev-parse', '--show-toplevel') === root
/** Each with its hash. Where a clone is too shallow to know since when: the last one. Merges are worded by git. */
const log = () => {
  const range = git('cat-file', '-e', `${SINCE}^{commit}`) === undefined ? ['-1', 'HEAD'] : [`${SINCE}..HEAD`]
  return (git('log', '--no-merges', '--format=%h %s', ...range) ?? '').split('\n').filter(line => line !== '')
}
const tooLong = (commits: readonly string[]) =>
  commits.flatMap(line => {
    const { length } = Array.from(line.slice(line.indexOf(' ') + 1))
    return length > SUBJECT_MAX
      ? [`${line}: ${length} characters, ${SUBJECT_MAX} are the most: git commit --amend`]
      : []
  })

it.skipIf(!hasHistory)('the subject of each commit has at most 72 characters (skipped without a git history)', () => {
  expect(tooLong(log())).toEqual([])
})

it('a subject is measured in characters, and what is too long is named with its commit', () => {
  const [fits, long] = [`a1b2c3d ${'é'.repeat(72)}`, `e4f5a6b ${'x'.repeat(73)}`]
  expect(tooLong([fits, long])).toEqual([`${long}: 73 characters, 72 are the most: git commit --amend`])
})

it.skipIf(process.platform === 'win32')('the hook in .githooks refuses it before there is a commit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'recourse-hook-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const message = join(folder, 'message')
  const hook = (text: string) => {
    writeFileSync(message, text)
    const env = { ...process.env, LC_ALL: 'C.UTF-8' }
    return spawnSync('sh', [join(root, '.githooks/commit-msg'), message], { encoding: 'utf8', env })
  }
  expect(hook(`${'x'.repeat(72)}\n\n${'a body may be as wide as it likes '.repeat(4)}`).status).toBe(0)
  expect(hook(`# a comment of git\n${'x'.repeat(73)}\n`)).toMatchObject({
    status: 1,
    stderr: 'The subject has 73 characters, 72 are the most: say the rest in the body.\n',
  })
  expect(hook(`Merge branch 'a-branch-${'x'.repeat(73)}'\n`).status).toBe(0)
})
