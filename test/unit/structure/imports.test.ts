import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { importsIn } from '../../../scripts/imports.ts'
import { circlesIn, readSources, type SourceFile } from '../../support/imports.ts'

const root = join(import.meta.dirname, '../../..')
/** From the bottom up: each imports itself and what stands before it. */
const FOLDERS = ['lambdas', 'client', 'lib', 'localstack', 'scripts', 'bin']
const ROOMS = ['model', 'delivery', 'saga', 'choreography', 'event-store', 'catalog', 'http', 'adapters', 'testing']
const ENGINE = 'lambdas/engine/'
const LINES_MAX = 300
const ENGINE_LINES_MAX = 250

const sources = await readSources(root, FOLDERS)

/** One line for each import that a file may not have, with the remedy. */
function wrongImports(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, imports }) =>
    imports.flatMap(imported => {
      const why = whyNot(path, imported)
      return why === undefined ? [] : [`${path} imports ${imported}: ${why}`]
    }),
  )
}

function whyNot(path: string, imported: string): string | undefined {
  const [folder = '', other = ''] = [path, imported].map(one => one.split('/')[0])
  if (other === 'test') return 'move what both need out of test/, which imports it from there'
  if (FOLDERS.includes(other) && FOLDERS.indexOf(other) > FOLDERS.indexOf(folder))
    return `${folder}/ stands below ${other}/ (${FOLDERS.join(' < ')}): move what both need into ${folder}/ or below`
  if (!path.startsWith(ENGINE)) return undefined
  if (!imported.startsWith(ENGINE)) return 'the engine knows no service, saga or catalog: take it as an argument'
  const [room = '', otherRoom = ''] = [path, imported].map(one => one.slice(ENGINE.length).split('/')[0])
  if (ROOMS.indexOf(otherRoom) <= ROOMS.indexOf(room)) return undefined
  return `${room}/ stands below ${otherRoom}/ (${ROOMS.join(' < ')}): declare what it needs as an interface in ${room}/, which ${otherRoom}/ implements`
}

test('no file imports what stands above it', () => {
  expect(sources.length).toBeGreaterThan(300)
  expect(wrongImports(sources)).toEqual([])
})

test('every file of the engine stands in a room that has its place', () => {
  const rooms = sources.filter(({ path }) => path.startsWith(ENGINE)).map(({ path }) => path.split('/')[2])
  expect([...new Set(rooms)].filter(room => !ROOMS.includes(room ?? ''))).toEqual([])
})

test('the platform knows neither the catalog nor a domain: both are given to it', () => {
  const own = /^lambdas\/(engine|platform)\//
  const foreign = sources.flatMap(({ path, imports }) =>
    path.startsWith('lambdas/platform/') ? imports.filter(imported => !own.test(imported)) : [],
  )
  expect(foreign).toEqual([])
})

test('no files import each other in a circle, types among what they import', () => {
  expect(circlesIn(sources).map(circle => circle.join(' -> '))).toEqual([])
})

test('a file fits into a head', () => {
  const tooLong = sources.filter(({ path, lines }) => lines > (path.startsWith(ENGINE) ? ENGINE_LINES_MAX : LINES_MAX))
  expect(tooLong.map(({ path, lines }) => `${path} has ${lines} lines: split it by purpose`)).toEqual([])
})

test.each([...FOLDERS, 'test', 'lambdas/engine'])('%s has a page, and every file that it names is there', folder => {
  const page = readFileSync(join(root, folder, 'README.md'), 'utf8')
  expect(page).toContain('## May import')
  const named = [...page.matchAll(/`((?:[\w.-]+\/)+(?:[\w-]+\.\w+)?)`/g)].map(([, path]) => path as string)
  expect(named.length).toBeGreaterThan(2)
  expect(named.filter(path => !existsSync(join(root, path)) && !existsSync(join(root, folder, path)))).toEqual([])
})

test('what is refused is named with the file, the import and the remedy', () => {
  const file = (path: string, ...imports: string[]) => ({ path, lines: 1, imports })
  expect(
    wrongImports([
      file('lambdas/engine/delivery/consumer.ts', 'lambdas/engine/event-store/read-stream.ts'),
      file('lambdas/engine/model/ports.ts', 'lambdas/catalog.ts'),
      file('localstack/demo/crash.ts', 'bin/cli/order.ts', 'client/order.ts'),
      file('scripts/cost/usage.ts', 'test/support/clock.ts'),
    ]),
  ).toEqual([
    'lambdas/engine/delivery/consumer.ts imports lambdas/engine/event-store/read-stream.ts: delivery/ stands below event-store/ (model < delivery < saga < choreography < event-store < catalog < http < adapters < testing): declare what it needs as an interface in delivery/, which event-store/ implements',
    'lambdas/engine/model/ports.ts imports lambdas/catalog.ts: the engine knows no service, saga or catalog: take it as an argument',
    'localstack/demo/crash.ts imports bin/cli/order.ts: localstack/ stands below bin/ (lambdas < client < lib < localstack < scripts < bin): move what both need into localstack/ or below',
    'scripts/cost/usage.ts imports test/support/clock.ts: move what both need out of test/, which imports it from there',
  ])
  expect(circlesIn([file('a.ts', 'b.ts'), file('b.ts', 'c.ts'), file('c.ts', 'b.ts')])).toEqual([
    ['b.ts', 'c.ts', 'b.ts'],
  ])
})

test('imports are read as they are written', () => {
  const text = `import type { A } from './a.ts'
export { b } from '../b.ts'
import '#engine/c.ts'
const d = await import('./d.ts')
import { readFile } from 'node:fs'`
  expect(importsIn('lib/x/y.ts', text)).toEqual(['lib/x/a.ts', 'lib/b.ts', 'lambdas/engine/c.ts', 'lib/x/d.ts'])
})
