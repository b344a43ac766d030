/** Copies of the sources with a mistake in them: production code has no hooks for it. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mutant, Patch } from './mutant.ts'

export const root = join(import.meta.dirname, '../..')
/** What a simulated world is made of. */
const COPIED = ['lambdas', 'test/simulation', 'test/support', 'test/mutants', 'localstack/sandbox', 'package.json']

/** A patch that is not for these sources: they have changed, so it must be written anew. */
export class PatchError extends Error {}

/** A copy of the sources with these patches, in a folder of its own. Throws a PatchError that names the one that does not apply. */
export async function copyOf({ name, patches }: Pick<Mutant, 'name' | 'patches'>) {
  const folder = await mkdtemp(join(tmpdir(), `recourse-mutant-${name}-`))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    for (const path of COPIED) await cp(join(root, path), join(folder, path), { recursive: true })
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    for (const patch of patches) {
      const file = join(folder, patch.file)
      const source = await readFile(file, 'utf8').catch(() => undefined)
      if (source === undefined) throw new PatchError(`${name}: there is no file ${patch.file}`)
      await writeFile(file, patched(source, patch, name))
    }
  } catch (error) {
    await remove()
    throw error
  }
  return { folder, remove }
}

/** The source with its one place changed. Throws a PatchError. */
export function patched(source: string, { file, find, replace }: Patch, name: string): string {
  const places = source.split(find).length - 1
  if (places !== 1 || find === '')
    throw new PatchError(
      `${name}: ${places} places in ${file} are \`${find.trim().split('\n')[0]}\`, there must be one`,
    )
  if (find === replace) throw new PatchError(`${name}: it changes nothing in ${file}`)
  return source.replace(find, () => replace)
}
