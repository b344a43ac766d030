/**
 * One esbuild call makes every function's bundle: `dist/<function>/index.mjs`, handler `index.handler`. CDK packs
 * these folders, the tests load them and the local runtime runs them, so that what was tried is what is deployed.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { build as runEsbuild } from 'esbuild'
import { type BundledAuth, type Entry, esbuildOptions, root } from './esbuild-options.ts'
import { inputsOf } from './inputs.ts'

export type { BundledAuth, Entry } from './esbuild-options.ts'

export interface Bundle {
  readonly name: string
  /** The folder that becomes the function's code. */
  readonly folder: string
  /** From the repository's root, as it was given. */
  readonly entry: string
  /** Bytes of `index.mjs`, minified unless it is readable. */
  readonly bytes: number
  /** The modules in it by size, largest first: where the bytes come from. */
  readonly modules: readonly { readonly path: string; readonly bytes: number }[]
  /** Every file that it was made of, those too of which nothing is left in it; from the repository's root. */
  readonly inputs: ReadonlySet<string>
}

const folderOf: Readonly<Record<BundledAuth, string>> = {
  iam: join(root, 'dist'),
  plain: join(root, 'dist', 'plain'),
}

/** Where bundles are that a person reads and debugs: unminified, with source maps. Never what is deployed. */
export const readableFolder = join(root, 'dist', 'local')

/** Where bundles are whose HTTP functions check tokens themselves. */
export const checkedFolder = join(root, 'dist', 'checked')

export interface BundleOptions {
  readonly auth: BundledAuth
  /** Unminified and with source maps, so that a stack trace and a debugger show what was written. */
  readonly readable?: boolean
  readonly outDir?: string
}

/** Throws esbuild's error, which names the file and the line. */
export async function bundle(
  entries: readonly Entry[],
  { auth, readable = false, outDir = readable ? readableFolder : folderOf[auth] }: BundleOptions,
): Promise<Bundle[]> {
  if (entries.length === 0) return []
  const { outputFiles, metafile } = await runEsbuild({
    ...esbuildOptions(entries, { auth, readable, outDir }),
  })
  await Promise.all(outputFiles.map(file => writeIfChanged(file.path, file.contents)))
  return entries.map(({ name, entry }) => {
    const folder = join(outDir, name)
    const path = relative(root, join(folder, 'index.mjs')).split(sep).join('/')
    const output = metafile.outputs[path]
    if (!output) throw new Error(`esbuild made no bundle for ${name}`)
    const modules = Object.entries(output.inputs)
      .map(([path, input]) => ({ path, bytes: input.bytesInOutput }))
      .toSorted((a, b) => b.bytes - a.bytes)
    return { name, entry, folder, bytes: output.bytes, modules, inputs: inputsOf(metafile, path) }
  })
}

/** Two programs may bundle at once (`npm start` beside `npm test`): nobody reads half a file, and most write nothing. */
async function writeIfChanged(path: string, contents: Uint8Array) {
  const present = await readFile(path).catch(() => undefined)
  if (present?.equals(contents)) return
  await mkdir(dirname(path), { recursive: true })
  const beside = `${path}.${process.pid}`
  await writeFile(beside, contents)
  await rename(beside, path)
}
