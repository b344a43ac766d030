/** Bundles of functions again, one at a time, as their files change; what did not change is not parsed anew. */
import { join, relative, sep } from 'node:path'
import { type BuildContext, context } from 'esbuild'
import { type Bundle, type BundleOptions, readableFolder } from './bundle.ts'
import { esbuildOptions, root } from './esbuild-options.ts'
import { inputsOf } from './inputs.ts'

export interface Rebuilder {
  /** The files that each function is made of, from the repository's root. */
  readonly inputs: ReadonlyMap<string, ReadonlySet<string>>
  /** The bundle and its source map, by file name. Throws esbuild's error, which names the file and the line. */
  rebuild(name: string): Promise<ReadonlyMap<string, Uint8Array>>
  dispose(): Promise<void>
}

/** `bundles`: as they were made at first, readable. */
export function createRebuilder(
  bundles: readonly Pick<Bundle, 'name' | 'entry' | 'inputs'>[],
  { auth }: Pick<BundleOptions, 'auth'>,
): Rebuilder {
  const inputs = new Map<string, ReadonlySet<string>>(bundles.map(bundle => [bundle.name, bundle.inputs]))
  const optionsFor = (name: string) =>
    esbuildOptions(
      bundles.filter(bundle => bundle.name === name),
      { auth, readable: true, outDir: readableFolder },
    )
  const contexts = new Map<string, Promise<BuildContext<ReturnType<typeof optionsFor>>>>()
  const contextOf = (name: string) => {
    const made = contexts.get(name) ?? context(optionsFor(name))
    contexts.set(name, made)
    return made
  }
  return {
    inputs,
    async rebuild(name) {
      const folder = join(readableFolder, name)
      const { metafile, outputFiles } = await (await contextOf(name)).rebuild()
      inputs.set(name, inputsOf(metafile, relative(root, join(folder, 'index.mjs')).split(sep).join('/')))
      return new Map(outputFiles.map(({ path, contents }) => [relative(folder, path), contents]))
    },
    dispose: async () => void (await Promise.all([...contexts.values()].map(async made => (await made).dispose()))),
  }
}
