/** A copy of the repository that a test may change, with the packages of this one. */
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const FOLDERS = ['.githooks', 'bin', 'client', 'docs', 'lambdas', 'lib', 'localstack', 'scripts', 'test']
const FILES = [
  '.npmrc',
  '.oxlintrc.json',
  'README.md',
  'biome.json',
  'cdk.json',
  'contracts.lock.json',
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
  await refuseStalePackages()
  const folder = await mkdtemp(join(tmpdir(), 'recourse-copy-'))
  for (const part of [...FOLDERS, ...FILES]) await cp(join(root, part), join(folder, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

/** In a copy the bootstrap would install what is missing: through the link, in place of this repository's packages. */
async function refuseStalePackages() {
  const lock = createHash('sha256')
    .update(await readFile(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = await readFile(join(root, 'node_modules/.recourse-lock'), 'utf8').catch(() => 'none')
  if (stamp !== lock)
    throw new Error(
      'the packages are not those of package-lock.json: run any command of the project, such as npm start -- --help',
    )
}
