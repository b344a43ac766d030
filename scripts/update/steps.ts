/** What derives from the definitions, and the commands that make it. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Step {
  readonly title: string
  /** Node's arguments, in the repository's root. */
  readonly args: readonly string[]
}

const vitest = (project: string, files: readonly string[]) => [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--project',
  project,
  ...files,
  // Last, as it takes what follows for its value.
  '-u',
]
/** The unit tests that keep snapshots: descriptions and diagrams. The others have nothing to make anew. */
const withSnapshots = (root: string) =>
  globSync('test/**/unit/**/*.test.ts', { cwd: root }).filter(path =>
    readFileSync(join(root, path), 'utf8').includes('toMatchFileSnapshot'),
  )

/** In this order: documents tell of what is locked. */
export const stepsIn = (root: string): readonly Step[] => [
  { title: 'locks of sagas', args: ['scripts/sagas/lock.ts'] },
  { title: 'lock of what holds data', args: ['scripts/stateful/lock.ts'] },
  { title: 'documents', args: ['scripts/docs/docs.ts'] },
  { title: 'snapshots of sagas and diagrams', args: vitest('unit', withSnapshots(root)) },
  { title: 'snapshots of what is deployed', args: vitest('infra', []) },
]

/** Where it lies: files of the root by their ending, and folders. */
export const derived = { ending: '.lock.json', folders: ['docs', 'test/domains', 'test/infra', 'test/unit'] }
