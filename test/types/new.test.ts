import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyRepository, type RepositoryCopy } from '../support/repository-copy.ts'

/** `npm run new` in a copy of the repository, and what it made there. */
let copy: RepositoryCopy
beforeAll(async () => {
  copy = await copyRepository()
  await mkdir(join(copy.folder, 'lambdas/services/by-hand'))
  await writeFile(join(copy.folder, 'lambdas/services/by-hand/contract.ts'), 'export const nothing = 0\n')
}, 60_000)
afterAll(() => copy[Symbol.asyncDispose]())

function run(...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy.folder, env, encoding: 'utf8' })
  return { status, stdout, stderr }
}
const make = (...args: string[]) => run('scripts/new/new.ts', ...args)
const catalog = () => readFile(join(copy.folder, 'lambdas/catalog.ts'), 'utf8')
/** Every file that could have been made, and the catalog. */
const everything = async () => [
  ...(await readdir(join(copy.folder, 'lambdas'), { recursive: true })),
  ...(await readdir(join(copy.folder, 'test/unit'), { recursive: true })),
  await catalog(),
]

describe('npm run new', () => {
  it('makes a service, a saga over it, and a saga with a service of its own, and says what to do next', async () => {
    const service = make('service', 'parcel-box')
    expect(service).toMatchObject({ status: 0, stderr: '' })
    expect(service.stdout).toContain('made     lambdas/services/parcel-box/rules.ts')
    expect(service.stdout).toContain('changed  lambdas/catalog.ts')
    expect(service.stdout).toContain('npx vitest run --project unit test/unit/parcel-box')
    expect(service.stdout).toContain('npm run update')
    expect(make('saga', 'sending', '--service', 'parcel-box')).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(join(copy.folder, 'lambdas/services/sending'))).toBe(false)
    expect(make('saga', 'class')).toMatchObject({ status: 0, stderr: '' })
    const made = ['lambdas/services/class/handler.ts', 'lambdas/sagas/class/handler.ts', 'test/unit/class/saga.test.ts']
    for (const path of made) expect(existsSync(join(copy.folder, path)), path).toBe(true)
  }, 120_000)

  it('gives tests that pass', () => {
    const tests = ['parcel-box', 'sending', 'class'].map(name => `test/unit/${name}`)
    const { stdout, status } = run('node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...tests)
    expect(stdout).toMatch(/Tests +10 passed \(10\)/)
    expect(status).toBe(0)
  }, 120_000)

  it('gives tests that import the public kit, and nothing of the engine behind it', async () => {
    for (const path of ['parcel-box/rules', 'sending/saga', 'class/rules', 'class/saga']) {
      const text = await readFile(join(copy.folder, `test/unit/${path}.test.ts`), 'utf8')
      expect([path, ...text.matchAll(/#engine[^']*/g)].map(String)).toEqual([path, '#engine/testing'])
    }
  })

  it('gives code that compiles', () => {
    expect(run('node_modules/typescript/bin/tsc', '-p', '.', '--pretty', 'false')).toMatchObject({
      stdout: '',
      status: 0,
    })
  }, 120_000)

  it('gives code that lint and format have nothing against', () => {
    const made = ['services/parcel-box', 'sagas/sending', 'services/class', 'sagas/class'].map(
      path => `lambdas/${path}`,
    )
    const paths = [...made, 'test/unit/parcel-box', 'test/unit/sending', 'test/unit/class', 'lambdas/catalog.ts']
    const lint = run('node_modules/oxlint/bin/oxlint', '--type-aware', ...paths)
    expect(lint.stdout).toContain('Found 0 warnings and 0 errors.')
    expect(run('node_modules/@biomejs/biome/bin/biome', 'format', '--vcs-enabled=false', ...paths)).toMatchObject({
      status: 0,
    })
  }, 120_000)

  it('gives topics, functions and tables of its own', () => {
    const { stdout } = run(
      '--input-type=module',
      '--eval',
      `import { readCatalog } from './lambdas/engine/catalog/wiring.ts'
       import { everyChosen } from './lambdas/engine/catalog/choices.ts'
       import { catalogFor, choices } from './lambdas/catalog.ts'
       const { topics, functions, tables } = readCatalog(catalogFor(everyChosen(choices).at(-1)))
       console.log(JSON.stringify([...topics, ...functions.map(fn => fn.name), ...tables.map(table => table.name)]))`,
    )
    expect(JSON.parse(stdout)).toEqual(
      expect.arrayContaining([
        'parcel-boxes-commands',
        'sendings-events',
        'class-saga',
        'sending-saga',
        'parcel-box',
        'parcel-boxes',
      ]),
    )
  })

  it.each([
    [['service', 'class'], /lambdas\/services\/class\/contract\.ts is there already/],
    [['saga', 'class'], /lambdas\/services\/class\/contract\.ts is there already/],
    [['service', 'parcel-box'], /is there already: choose another name/],
    [['service', 'sending'], /there is a domain 'sending' in lambdas\/catalog\.ts: choose another name/],
    [['service', 'timeouts'], /there is a function 'timeouts' \(lambdas\/platform\/timeouts\/handler\.ts\)/],
    [['service', 'ParcelBox'], /'ParcelBox' is no name: .*such as parcel-box/],
    [['saga', 'packing', '--service', 'nobody'], /there is no lambdas\/services\/nobody\/contract\.ts: make it first/],
    [['saga', 'packing', '--service', 'by-hand'], /exports no ByHandPerformCommand, which the saga would need/],
    [['sagas', 'packing'], /unknown command 'sagas'\n\(Did you mean saga\?\)/],
    [['service'], /missing required argument 'name'/],
  ] as const)('refuses %j, says what to do, and makes nothing', async (args, why) => {
    const before = await everything()
    const { status, stdout, stderr } = make(...args)
    expect(stderr).toMatch(why)
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(await everything()).toEqual(before)
  })

  it('takes everything back when the catalog would not hold together', async () => {
    const topics = join(copy.folder, 'lambdas/engine/delivery/topics.ts')
    const rule = await readFile(topics, 'utf8')
    const before = await everything()
    // What is about a wreck goes to a topic that can be none.
    await writeFile(
      topics,
      rule.replace("m.about === 'saga' ?", "m.about === 'wreck' ? 'wrecks.dlq' : m.about === 'saga' ?"),
    )
    const { status, stderr } = make('service', 'wreck')
    await writeFile(topics, rule)
    expect(stderr).toMatch(/^recourse: nothing was made, as the catalog would not hold together:[^]*wrecks\.dlq/)
    expect(status).toBe(1)
    expect(await everything()).toEqual(before)
  })
})
