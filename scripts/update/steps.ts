/** What derives from the definitions, and the commands that make it. */
export interface Step {
  readonly title: string
  /** Node's arguments, in the repository's root. */
  readonly args: readonly string[]
}

/** In this order: documents tell of what is locked. */
export const steps: readonly Step[] = [
  { title: 'locks of sagas', args: ['scripts/sagas/lock.ts'] },
  { title: 'lock of what holds data', args: ['scripts/stateful/lock.ts'] },
  { title: 'documents', args: ['scripts/docs/docs.ts'] },
  {
    title: 'snapshots of what is deployed',
    args: ['node_modules/vitest/vitest.mjs', 'run', '--project', 'infra', '-u'],
  },
]

/** Where it lies: files of the root by their ending, and folders. */
export const derived = { ending: '.lock.json', folders: ['docs', 'test/infra'] }
