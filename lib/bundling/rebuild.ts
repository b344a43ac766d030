/** Bundles of functions again, one at a time, as their files change; what did not change is not parsed anew. */
import { join, relative, sep } from 'node:path'
import { build, type BuildContext, context, type Metafile } from 'esbuild'
import { type BundleOptions, type Entry, readableFolder } from './bundle.ts'
import { esbuildOptions, root } from './esbuild-options.ts'
import { inputsOf } from './inputs.ts'

export interface Rebuilder {
  /** The files that each function is made of, from the repository's root. */
  readonly inputs: ReadonlyMap<string, ReadonlySet<string>>
  /** The bundle and its source map, by file name. Throws esbuild's error, which names the file and the line. */
  rebuild(name: string): Promise<ReadonlyMap<string, Uint8Array>>
  dispose(): Promise<void>
}

/** Bundles everything once to learn what each function is made of. */
export async function createRebuilder(
  entries: readonly Entry[],
  { auth }: Pick<BundleOptions, 'auth'>,
): Promise<Rebuilder> {
  const optionsFor = (some: readonly Entry[]) => esbuildOptions(some, { auth, readable: true, outDir: readableFolder })
  const outputOf = (name: string) =>
    relative(root, join(readableFolder, name, 'index.mjs'))
      .split(sep)
      .join('/')
  const inputs = new Map<string, ReadonlySet<string>>()
  const learn = (name: string, metafile: Metafile) => void inputs.set(name, inputsOf(metafile, outputOf(name)))
  const { metafile } = await build({ ...optionsFor(entries), sourcemap: false })
  for (const { name } of entries) learn(name, metafile)

  const contexts = new Map<string, Promise<BuildContext<ReturnType<typeof optionsFor>>>>()
  const contextOf = (name: string) => {
    const made = contexts.get(name) ?? context(optionsFor(entries.filter(entry => entry.name === name)))
    contexts.set(name, made)
    return made
  }
  return {
    inputs,
    async rebuild(name) {
      const result = await (await contextOf(name)).rebuild()
      learn(name, result.metafile)
      const folder = join(readableFolder, name)
      return new Map(result.outputFiles.map(({ path, contents }) => [relative(folder, path), contents]))
    },
    dispose: async () => void (await Promise.all([...contexts.values()].map(async made => (await made).dispose()))),
  }
}
