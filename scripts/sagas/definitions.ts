/** The definitions as they are written: what each says, where, and what its functions do. */
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin, transform, version as esbuildVersion } from 'esbuild'
import { describe } from '#engine/saga/describe.ts'
import type { CommandSettings, SagaDefinition } from '#engine/saga/definition.ts'
import { wirings } from '../docs/wirings.ts'
import { type Definition, LockError } from './locked.ts'

/** Every saga and version that a catalog lists, whatever the wiring. Throws a LockError for one that has no module of its own. */
export async function readDefinitions(root: string): Promise<Definition[]> {
  const listed = new Set(wirings.flatMap(({ catalog }) => catalog.domains.flatMap(({ sagas }) => sagas)))
  return Promise.all([...listed].map(saga => readDefinition(root, saga)))
}

async function readDefinition(root: string, saga: SagaDefinition): Promise<Definition> {
  const { module, exportName } = await findModule(root, saga)
  const description = describe(saga)
  const functions = await Promise.all(
    functionsOf(saga).map(async ([what, source]) => [what, await minifyFunction(source)] as const),
  )
  return {
    id: `${saga.name}@${saga.version}`,
    saga: saga.name,
    version: saga.version,
    module,
    exportName,
    handled: await isHandled(root, module),
    locked: {
      describe: hash(JSON.stringify(description)),
      definition: hash(await minifyModule(root, module, exportName)),
      minifiedBy: `esbuild ${esbuildVersion}`,
      description,
      functions: Object.fromEntries(functions),
    },
  }
}

/** The module of its folder that exports it: one for each version, so that a new one changes no other's source. */
async function findModule(root: string, saga: SagaDefinition) {
  const folder = `lambdas/sagas/${saga.name}`
  const files = await readdir(join(root, folder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return []
  })
  // A handler is wiring, and reads its environment as soon as it is loaded.
  for (const file of files.filter(name => name.endsWith('.ts') && name !== 'handler.ts')) {
    const module = `${folder}/${file}`
    const exported = Object.entries((await import(pathToFileURL(join(root, module)).href)) as object)
    const own = exported.find(([, value]) => value === saga)
    if (!own) continue
    const others = exported.filter(([, value]) => value !== saga && isDefinition(value))
    if (others.length > 0)
      throw new LockError(
        `${module} defines ${[own, ...others].map(([name]) => name).join(' and ')}: give each version a file of its own, such as ${folder}/v${saga.version}.ts`,
      )
    return { module, exportName: own[0] }
  }
  throw new LockError(
    `saga '${saga.name}' version ${saga.version} is in the catalog, but no file of ${folder}/ exports it: define it there`,
  )
}

const isDefinition = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'startsWith' in value && 'steps' in value && 'reactions' in value

/** Its functions, by what they do, as Node has read them: without types, with comments. */
function functionsOf({ steps, abort }: SagaDefinition): [what: string, source: string][] {
  const sends = (what: string, asking: CommandSettings | undefined): [string, string][] =>
    asking ? [[`send of ${what}`, String(asking.send)]] : []
  return [
    ...steps.flatMap(step => [
      ...sends(`step '${step.name}'`, step),
      ...Object.entries({ ...step.done, ...step.refused }).map(([reply, take]): [string, string] => [
        `${reply} at step '${step.name}'`,
        String(take),
      ]),
      ...sends(`the undo of step '${step.name}'`, step.undo),
      ...sends(`the settling of step '${step.name}'`, step.settle),
    ]),
    ...sends(`the abort '${abort?.name}'`, abort),
  ]
}

async function minifyFunction(source: string): Promise<string> {
  const minify = async (expression: string) =>
    (await transform(`f=${expression}`, { minify: true, target: 'node24', logLevel: 'silent' })).code
  // A method without the word `function` is one only inside an object.
  const code = await minify(source).catch(() => minify(`{${source}}`))
  return code.trim().replace(/^f=/, '').replace(/;$/, '')
}

/**
 * The module that defines it, with what it imports from its own folder; everything else stays an import. Neither the
 * name of the file nor of what it exports is in it: the old definition moves aside when a new one takes its place.
 */
async function minifyModule(root: string, module: string, exportName: string): Promise<string> {
  const { text } = await bundleFolder(
    root,
    dirname(module),
    `export { ${exportName} as definition } from './${basename(module)}'`,
  )
  return text
}

/** Whether the saga's handler imports it: one that is only listed is wired, but never run. */
async function isHandled(root: string, module: string): Promise<boolean> {
  const { modules } = await bundleFolder(root, dirname(module), "export { handler } from './handler.ts'")
  return modules.includes(module)
}

/** What `source` in that folder comes to with the modules of the folder alone, minified; and which these are. */
async function bundleFolder(root: string, folder: string, source: string) {
  const inside = join(root, folder)
  const onlyInside: Plugin = {
    name: 'only-inside',
    setup: ({ onResolve }) =>
      onResolve({ filter: /.*/ }, ({ path, resolveDir }) => {
        if (!path.startsWith('.')) return { path, external: true, sideEffects: false }
        const file = join(resolveDir, path)
        if (dirname(file) === inside) return undefined
        return { path: relative(root, file).split(sep).join('/'), external: true, sideEffects: false }
      }),
  }
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    stdin: { contents: source, resolveDir: inside },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
    plugins: [onlyInside],
  })
  return { text: outputFiles[0]?.text ?? '', modules: Object.keys(metafile.inputs) }
}

const hash = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
