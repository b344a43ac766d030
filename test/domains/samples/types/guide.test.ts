import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runNode, withDiff, writeFiles } from '../../../support/guide.ts'

/** Does what `docs/add-a-saga.md` says, in a copy of the repository. */
const root = join(import.meta.dirname, '../../../..')
let copy = ''
const run = (...args: string[]) => runNode(copy, ...args)

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'recourse-guide-'))
  const folders = [
    'lambdas',
    'lib',
    'bin',
    'client',
    'localstack',
    'scripts',
    'test/support',
    'test/example',
    'test/domains/samples',
  ]
  const files = ['package.json', 'saga.lock.json', 'contracts.lock.json', 'tsconfig.json', 'biome.json']
  for (const part of [...folders, ...files]) await cp(join(root, part), join(copy, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  const guide = await readFile(join(root, 'docs/add-a-saga.md'), 'utf8')
  await writeFiles(copy, guide)
  const catalog = join(copy, 'lambdas/catalog.ts')
  await writeFile(catalog, withDiff(await readFile(catalog, 'utf8'), guide))
  // Whoever has followed it here has locked it already.
  const lock = join(copy, 'saga.lock.json')
  const { 'shipping@1': _, ...locked } = JSON.parse(await readFile(lock, 'utf8')) as Record<string, unknown>
  await writeFile(lock, JSON.stringify(locked))
  const contracts = join(copy, 'contracts.lock.json')
  const messages = Object.entries(JSON.parse(await readFile(contracts, 'utf8')) as Record<string, { about: string }>)
  await writeFile(contracts, JSON.stringify(Object.fromEntries(messages.filter(([, one]) => one.about !== 'shipment'))))
}, 60_000)
afterAll(() => rm(copy, { recursive: true, force: true }))

describe('the guide to adding a saga', () => {
  it('compiles as it is written', async () => {
    expect(await run('node_modules/typescript/bin/tsc', '-p', '.', '--pretty', 'false')).toBe('')
  }, 60_000)

  it('is formatted as the repository is', async () => {
    const biome = 'node_modules/@biomejs/biome/bin/biome'
    const folders = ['lambdas/services/shipment', 'lambdas/sagas/shipping', 'test/unit/shipment']
    expect(await run(biome, 'format', '--vcs-enabled=false', ...folders)).toMatch(/^Checked 7 files/)
  })

  it('wires the new service and its saga', async () => {
    const wiring = await run(
      '--input-type=module',
      '--eval',
      `import { readCatalog } from './lambdas/engine/catalog/wiring.ts'
       import { catalogFor } from './lambdas/catalog.ts'
       const { topics, functions, tables } = readCatalog(catalogFor({ quoting: 'orchestration' }))
       console.log(JSON.stringify({ topics, functions: functions.map(fn => fn.name), tables: tables.map(table => table.name) }))`,
    )
    const { topics, functions, tables } = JSON.parse(wiring)
    expect(topics).toEqual(expect.arrayContaining(['shipments-commands', 'shipments-events']))
    expect(functions).toEqual(expect.arrayContaining(['shipment', 'shipping-saga']))
    expect(tables).toContain('shipments')
  })

  it('gives documents that can be made, with a diagram of the saga', async () => {
    expect(await run('scripts/docs/docs.ts')).toMatch(/^\d+ documents in docs\//)
    expect(await readFile(join(copy, 'docs/diagrams/shipping-saga.md'), 'utf8')).toContain('ShipmentHandOverCommand')
  })

  it('locks its definition, and no other', async () => {
    const before = await readFile(join(copy, 'saga.lock.json'), 'utf8')
    const definitions = Object.keys(JSON.parse(before) as object).length + 1
    expect(await run('scripts/sagas/lock.ts')).toMatch(
      new RegExp(
        `^saga.lock.json: ${definitions} definitions, shipping@1 added\\ncontracts.lock.json: \\d+ messages, 7 messages added\\n$`,
      ),
    )
    const { 'shipping@1': _, ...others } = JSON.parse(
      await readFile(join(copy, 'saga.lock.json'), 'utf8'),
    ) as object & {
      'shipping@1': unknown
    }
    expect(others).toEqual(JSON.parse(before))
  })

  it('has a test that passes', async () => {
    const passed = await run('node_modules/vitest/vitest.mjs', 'run', 'test/unit/shipment')
    expect(passed).toContain('2 passed')
  }, 60_000)
})
