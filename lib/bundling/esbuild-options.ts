/** How a function is bundled, for one call and for bundling again after each change. */
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { BuildOptions, Plugin } from 'esbuild'
import { platformEntries } from './platform-entry.ts'
import { checkedEntries } from './token-checked-entry.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

export interface Entry {
  /** The function's logical name: its folder under `outDir`. */
  readonly name: string
  /** From the repository's root: `lambdas/services/order/handler.ts`. */
  readonly entry: string
}

/** How the bundled functions prove to Kafka who they are: what only the other way needs is left out. */
export type BundledAuth = 'iam' | 'plain'

const leftOut: Readonly<Record<BundledAuth, Readonly<Record<string, string>>>> = {
  iam: { '@aws-sdk/client-secrets-manager': here('no-secrets-manager.ts') },
  plain: { 'aws-msk-iam-sasl-signer-js': here('no-msk-signer.ts') },
}

/** Bundles come back in memory, with esbuild's own account of what is in them. */
export const esbuildOptions = (
  entries: readonly Entry[],
  { auth, readable, outDir }: { readonly auth: BundledAuth; readonly readable: boolean; readonly outDir: string },
) =>
  ({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries.map(({ name, entry }) => [`${name}/index`, entry])),
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: !readable,
    legalComments: 'none',
    ...(readable && sourceMaps(outDir)),
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
    plugins: [produceOnly, checkedEntries, platformEntries],
    metafile: true,
    write: false,
    logLevel: 'silent',
  }) as const satisfies BuildOptions

/**
 * A file beside the bundle. Its sources are named from where they are, as CDK copies bundles to a folder of its own; the
 * maps do not hold them, as they are on this machine.
 */
const sourceMaps = (outDir: string) => ({
  sourcemap: 'linked' as const,
  sourcesContent: false,
  sourceRoot: pathToFileURL(join(outDir, 'a-function', '/')).href,
})

/** kafkajs loads its consumer and its admin client by relative paths, which aliases do not see. */
const produceOnly: Plugin = {
  name: 'produce-only',
  setup: build =>
    build.onResolve({ filter: /^\.\/(consumer|admin)$/ }, ({ importer }) =>
      /kafkajs[\\/]src[\\/]index\.js$/.test(importer) ? { path: here('no-kafka-consumer.cjs') } : undefined,
    ),
}
