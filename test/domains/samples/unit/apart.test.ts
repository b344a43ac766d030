/** The samples stand apart: what is tested of the engine, the constructs and the runtime is tested without them. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quotings } from '../../../../lambdas/quoting.ts'
import { readSources, type SourceFile } from '../../../support/imports.ts'
import { samplesFor } from '../catalog.ts'

const root = join(import.meta.dirname, '../../../..')

/** Who reads them all the same, each with its reason. This list only shrinks. */
const READERS: Readonly<Record<string, string>> = {
  'test/unit/cli/sagas.test.ts': 'the command line draws the sagas that are deployed, whichever they are',
  'test/unit/runtime/settings.test.ts': 'a start may choose what the catalog lets it choose, whatever that is',
  'test/unit/wiring/live-catalog.test.ts': 'it checks what is deployed, whatever that is',
}

const domains = quotings.flatMap(quoting => samplesFor(quoting).domains)
const OF_SAMPLES = [
  ...domains.flatMap(({ services }) => services.map(({ name }) => `lambdas/services/${name}/`)),
  ...domains.flatMap(({ sagas }) => sagas.map(({ name }) => `lambdas/sagas/${name}/`)),
  'lambdas/catalog.ts',
  'lambdas/quoting.ts',
  'test/domains/',
]

/** The files that import a sample's service or saga, or the catalog that lists them. */
const readersAmong = (files: readonly SourceFile[]) =>
  files
    .filter(({ imports }) => imports.some(imported => OF_SAMPLES.some(of => imported.startsWith(of))))
    .map(({ path }) => path)
    .sort((a, b) => a.localeCompare(b))

test('no test outside test/domains reads a sample: it takes test/example, or moves to test/domains', async () => {
  const tests = await readSources(root, ['test/unit', 'test/support', 'test/example'])
  expect(tests.length).toBeGreaterThan(80)
  expect(readersAmong(tests)).toEqual(Object.keys(READERS))
})

test('a test of a service of one’s own, and of the platform, is none of them', () => {
  const file = (path: string, ...imports: string[]) => ({ path, lines: 1, imports })
  expect(
    readersAmong([
      file('test/unit/a.test.ts', 'lambdas/services/payment/contract.ts'),
      file('test/unit/b.test.ts', 'lambdas/platform/operations/api.ts', 'test/example/kiosk.ts'),
      file('test/unit/shipment/rules.test.ts', 'lambdas/services/shipment/rules.ts'),
      file('test/support/c.ts', 'lambdas/catalog.ts'),
      file('test/support/d.ts', 'test/domains/samples/catalog.ts'),
      file('test/unit/e.test.ts', 'lambdas/sagas/quoting/saga.ts'),
    ]),
  ).toEqual(['test/support/c.ts', 'test/support/d.ts', 'test/unit/a.test.ts', 'test/unit/e.test.ts'])
})
