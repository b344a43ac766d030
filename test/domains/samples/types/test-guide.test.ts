import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runNode, writeFiles } from '../../../support/guide.ts'

/** Does what `docs/how-to/test-your-rules.md` says, in a copy of the repository that has the saga of `docs/add-a-saga.md`. */
const root = join(import.meta.dirname, '../../../..')
const rules = 'test/unit/shipment/with-node.ts'
let copy = ''
let guide = ''
const run = (...args: string[]) => runNode(copy, ...args)

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'recourse-guide-'))
  for (const part of ['lambdas', 'package.json', 'tsconfig.json', 'biome.json'])
    await cp(join(root, part), join(copy, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  guide = await readFile(join(root, 'docs/how-to/test-your-rules.md'), 'utf8')
  await writeFiles(copy, await readFile(join(root, 'docs/add-a-saga.md'), 'utf8'))
  await writeFiles(copy, guide)
}, 60_000)
afterAll(() => rm(copy, { recursive: true, force: true }))

describe('the guide to testing rules', () => {
  it('compiles and is formatted as the repository is', async () => {
    const settings = { extends: './tsconfig.json', include: ['lambdas/**/*.d.ts', 'test/unit/shipment'] }
    await writeFile(join(copy, 'tsconfig.guide.json'), JSON.stringify(settings))
    expect(await run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.guide.json', '--pretty', 'false')).toBe('')
    const biome = 'node_modules/@biomejs/biome/bin/biome'
    expect(await run(biome, 'format', '--vcs-enabled=false', 'test/unit/shipment')).toMatch(/^Checked 5 files/)
  }, 60_000)

  it('has tests that pass', async () => {
    const passed = await run('node_modules/vitest/vitest.mjs', 'run', 'test/unit/shipment')
    expect(passed).toContain('14 passed')
  }, 60_000)

  it('has one that passes without Vitest, and fails with what the page shows', async () => {
    expect(await run('--test', '--test-reporter', 'tap', rules)).toContain('# pass 1')
    const right = await readFile(join(copy, rules), 'utf8')
    await writeFile(join(copy, rules), right.replace("'CANCELLED'", "'NO_BOX'"))
    const failed = await run('--test', '--test-reporter', 'tap', rules)
    expect(failed).toContain('# fail 1')
    const shown = /tells the whole story:\n```\n([^]*?)```/.exec(guide)?.[1]?.trim().split('\n') ?? []
    expect(shown.length).toBeGreaterThan(10)
    for (const line of shown) expect(failed).toContain(line.trim())
  }, 60_000)
})
