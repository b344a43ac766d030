/** Copies of the sources with a mistake in them: production code has no hooks for it. */
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mutant } from './mutant.ts'
import { patched } from './tree/apply.ts'
import { Sources } from './tree/sources.ts'

export const root = join(import.meta.dirname, '../..')
/** What a simulated world is made of. */
const COPIED = ['lambdas', 'test/simulation', 'test/support', 'test/mutants', 'localstack/sandbox', 'package.json']

/** A copy of the sources with these patches, in a folder of its own. Throws a PatchError that names the one that does not apply. */
export async function copyOf({ name, patches }: Pick<Mutant, 'name' | 'patches'>) {
  const folder = await mkdtemp(join(tmpdir(), `recourse-mutant-${name}-`))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    for (const path of COPIED) await cp(join(root, path), join(folder, path), { recursive: true })
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    const sources = await Sources.under(folder)
    const { texts } = patched(sources, patches, name)
    for (const [file, text] of texts) if (text !== sources.textOf(file)) await writeFile(join(folder, file), text)
  } catch (error) {
    await remove()
    throw error
  }
  return { folder, remove }
}
