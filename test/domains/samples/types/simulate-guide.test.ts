import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runNode, withDiff, writeFiles } from '../../../support/guide.ts'

/** Does what `docs/simulate-your-saga.md` says, in a copy of the repository that has the saga of `docs/add-a-saga.md`. */
const root = join(import.meta.dirname, '../../../..')
const SEEDS = 60
const files = ['test/simulation/shipping.ts', 'test/simulation/shop.ts']
const rules = 'lambdas/services/shipment/rules.ts'
let copy = ''
let guide = ''
const run = (...args: string[]) => runNode(copy, ...args)

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'recourse-guide-'))
  const parts = ['lambdas', 'localstack/sandbox', 'test/simulation', 'test/support']
  for (const part of [...parts, 'package.json', 'tsconfig.json', 'biome.json'])
    await cp(join(root, part), join(copy, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  guide = await readFile(join(root, 'docs/simulate-your-saga.md'), 'utf8')
  await writeFiles(copy, await readFile(join(root, 'docs/add-a-saga.md'), 'utf8'))
  await writeFiles(copy, guide)
}, 60_000)
afterAll(() => rm(copy, { recursive: true, force: true }))

const simulate = (...more: string[]) =>
  run('test/simulation/simulate.ts', '--own', 'test/simulation/shipping.ts', '--seeds', String(SEEDS), ...more)
const simulateShop = () => run('test/simulation/simulate.ts', '--own', 'test/simulation/shop.ts', '--seeds', '30')

describe('the guide to simulating a saga', () => {
  it('compiles and is formatted as the repository is', async () => {
    const tsc = 'node_modules/typescript/bin/tsc'
    const settings = { extends: './tsconfig.json', include: ['lambdas/**/*.d.ts', ...files] }
    await writeFile(join(copy, 'tsconfig.guide.json'), JSON.stringify(settings))
    expect(await run(tsc, '-p', 'tsconfig.guide.json', '--pretty', 'false')).toBe('')
    const biome = 'node_modules/@biomejs/biome/bin/biome'
    expect(await run(biome, 'format', '--vcs-enabled=false', ...files)).toMatch(/^Checked 2 files/)
  }, 60_000)

  it('finds nothing wrong with the saga of the other guide', async () => {
    expect(await simulate()).toMatch(new RegExp(`^${SEEDS} worlds of 8 sagas in .*: nothing lost, nothing doubled\n$`))
  }, 120_000)

  it('finds nothing wrong with its shop: orders over HTTP, and two sagas of which one begins where the other ends', async () => {
    expect(await simulateShop()).toMatch(/^30 worlds of 8 sagas in .*: nothing lost, nothing doubled\n$/)
  }, 120_000)

  it('finds the tombstone that is taken away, and says so in a few lines', async () => {
    await writeFile(join(copy, rules), withDiff(await readFile(join(copy, rules), 'utf8'), guide))
    const found = await simulate()
    const seed = /^seed (\d+):\n(?: {2}.+\n)*? {2}undo-leaves-a-tombstone: /m.exec(found)?.[1]
    expect(seed, found).toBeDefined()
    const shrunk = await simulate('--seed', String(seed), '--seeds', '1', '--shrink')
    expect(shrunk).toMatch(/shrunk in \d+ runs to 1 saga and [1-4] faults?:/)
    const again = /again: npm run simulate -- (.*)\n1 worlds/.exec(shrunk)?.[1] ?? ''
    const replayed = await run('test/simulation/simulate.ts', ...argumentsOf(again))
    expect(replayed).toContain('VIOLATION of undo-leaves-a-tombstone')
  }, 120_000)
})

/** As a shell would split it. */
const argumentsOf = (command: string) =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')
