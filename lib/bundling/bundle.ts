/**
 * One esbuild call makes every function's bundle: `dist/<function>/index.mjs`, handler `index.handler`. CDK packs
 * these folders, the tests load them and the local runtime runs them, so that what was tried is what is deployed.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as runEsbuild, type Plugin } from 'esbuild'
import { checkedEntries } from './token-checked-entry.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

export interface Entry {
  /** The function's logical name: its folder under `outDir`. */
  readonly name: string
  /** From the repository's root: `lambdas/services/order/handler.ts`. */
  readonly entry: string
}

export interface Bundle {
  readonly name: string
  /** The folder that becomes the function's code. */
  readonly folder: string
  /** Bytes of `index.mjs`, minified. */
  readonly bytes: number
  /** The modules in it by size, largest first: where the bytes come from. */
  readonly modules: readonly { readonly path: string; readonly bytes: number }[]
}

/** How the bundled functions prove to Kafka who they are: what only the other way needs is left out. */
export type BundledAuth = 'iam' | 'plain'

const leftOut: Readonly<Record<BundledAuth, Readonly<Record<string, string>>>> = {
  iam: { '@aws-sdk/client-secrets-manager': here('no-secrets-manager.ts') },
  plain: { 'aws-msk-iam-sasl-signer-js': here('no-msk-signer.ts') },
}
const folderOf: Readonly<Record<BundledAuth, string>> = {
  iam: join(root, 'dist'),
  plain: join(root, 'dist', 'plain'),
}

/** Where bundles are whose HTTP functions check tokens themselves. */
export const checkedFolder = join(root, 'dist', 'checked')

/** Throws esbuild's error, which names the file and the line. */
export async function bundle(
  entries: readonly Entry[],
  { auth, outDir = folderOf[auth] }: { auth: BundledAuth; outDir?: string },
): Promise<Bundle[]> {
  if (entries.length === 0) return []
  const { outputFiles, metafile } = await runEsbuild({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries.map(({ name, entry }) => [`${name}/index`, entry])),
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    // kafkajs is CommonJS and requires Node's own modules at run time, which an ES module can't without this. The long
    // name is one that no minifier makes.
    banner: {
      js: "import{createRequire as requireInBundle}from'node:module';const require=requireInBundle(import.meta.url);",
    },
    alias: {
      '@aws-sdk/credential-provider-node': here('environment-credentials.ts'),
      '@aws-sdk/credential-providers': here('environment-credentials.ts'),
      '@aws-sdk/client-sts': here('no-sts.ts'),
      '@aws-sdk/endpoint-cache': here('no-endpoint-discovery.ts'),
      '@smithy/core/event-streams': here('no-event-streams.ts'),
      ...leftOut[auth],
    },
    plugins: [produceOnly, checkedEntries],
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  await Promise.all(outputFiles.map(file => writeIfChanged(file.path, file.contents)))
  return entries.map(({ name }) => {
    const folder = join(outDir, name)
    const output = metafile.outputs[relative(root, join(folder, 'index.mjs')).split(sep).join('/')]
    if (!output) throw new Error(`esbuild made no bundle for ${name}`)
    const modules = Object.entries(output.inputs)
      .map(([path, input]) => ({ path, bytes: input.bytesInOutput }))
      .toSorted((a, b) => b.bytes - a.bytes)
    return { name, folder, bytes: output.bytes, modules }
  })
}

/** kafkajs loads its consumer and its admin client by relative paths, which aliases do not see. */
const produceOnly: Plugin = {
  name: 'produce-only',
  setup: build =>
    build.onResolve({ filter: /^\.\/(consumer|admin)$/ }, ({ importer }) =>
      /kafkajs[\\/]src[\\/]index\.js$/.test(importer) ? { path: here('no-kafka-consumer.cjs') } : undefined,
    ),
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
