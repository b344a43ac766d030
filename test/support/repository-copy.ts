/** A copy of the repository that a test may change, with the packages of this one. */
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const FOLDERS = ['bin', 'docs', 'lambdas', 'lib', 'localstack', 'scripts', 'test']
const FILES = [
  '.npmrc',
  '.oxlintrc.json',
  'README.md',
  'biome.json',
  'cdk.json',
  'package-lock.json',
  'package.json',
  'saga.lock.json',
  'stateful.lock.json',
  'tsconfig.json',
  'vitest.config.ts',
]

export interface RepositoryCopy extends AsyncDisposable {
  readonly folder: string
}

export async function copyRepository(): Promise<RepositoryCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'recourse-copy-'))
  for (const part of [...FOLDERS, ...FILES]) await cp(join(root, part), join(folder, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
