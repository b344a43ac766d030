/**
 * `npm start -- --watch`: a change of a function's code bundles that function again and swaps its thread, in the system
 * that is up. Topics, tables and functions are not made anew: what needs that is said.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import type { Quoting } from '../../lambdas/quoting.ts'
import { settingsOf } from '../../lib/config.ts'
import { kafkaAuthOf } from '../../lib/needs.ts'
import { createRebuilder, type Rebuilder } from '../../lib/bundling/rebuild.ts'
import { keyFolder } from '../runtime/identity.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { createTypeCheck } from './type-check.ts'
import { watchFolders } from './watch-folders.ts'
import { whatDiffers, whatToSwap } from './what-to-swap.ts'
import { readWiring } from './wiring.ts'

export interface Watch {
  /** From here on what changes, and what has changed already, is swapped in this system. */
  into(runtime: Pick<Runtime, 'bundles' | 'swapFunction'>): Promise<void>
  stop(): Promise<void>
}

interface Swapped {
  readonly name: string
  /** The bundle came out as it was. */
  readonly same?: boolean
  readonly error?: string
}

const root = join(import.meta.dirname, '..', '..')
const FOLDERS = ['bin', 'lambdas', 'lib', 'localstack']
/** An editor writes a file in several strokes. */
const SETTLED_AFTER_MS = 40

/** `folder`: keeps the new bundles. */
export function startWatch({
  quoting,
  folder,
  synthesized,
  say,
}: {
  readonly quoting: Quoting
  readonly folder: string
  /** Resolves when the templates are there; what they were made of is what is deployed. */
  readonly synthesized: Promise<unknown>
  readonly say: (line: string) => void
}): Watch {
  const types = createTypeCheck({ root, cache: keyFolder, say })
  const changed = new Set<string>()
  /** Functions whose last bundling or loading failed. */
  const failed = new Set<string>()
  let runtime: Parameters<Watch['into']>[0] | undefined
  let rebuilder: Rebuilder | undefined
  let reading: ReturnType<typeof readWiring> | undefined
  let since = 0
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | undefined
  let stopped = false
  let count = 0
  const deployed = synthesized.then(() => (reading = readWiring({ quoting })).answer)
  deployed.catch(() => {})

  const endWatching = watchFolders(root, FOLDERS, file => {
    if (changed.size === 0) since = performance.now()
    changed.add(file)
    clearTimeout(timer)
    timer = setTimeout(begin, SETTLED_AFTER_MS)
  })

  function begin() {
    if (!runtime || !rebuilder || working || stopped) return
    working = work(runtime, rebuilder).finally(() => (working = undefined))
  }

  async function work(into: NonNullable<typeof runtime>, from: Rebuilder) {
    while (changed.size > 0 && !stopped) {
      const files = [...changed]
      const from0 = since
      changed.clear()
      const { rebuild, restart, unused } = whatToSwap(files, from.inputs, failed)
      if (restart.length > 0)
        say(`${restart.join(', ')} changed, which a running system can't follow: end it with Ctrl-C and start it again`)
      for (const file of unused) say(`${file} changed, which is in no function`)
      if (rebuild.length === 0) continue
      const swaps = await Promise.all(rebuild.map(name => swap(name, into, from)))
      tell(swaps, files, performance.now() - from0)
      types.request()
      if (swaps.some(({ error, same }) => error === undefined && !same)) await askForRestart()
    }
  }

  async function swap(name: string, into: NonNullable<typeof runtime>, from: Rebuilder): Promise<Swapped> {
    try {
      const files = await from.rebuild(name)
      if (!failed.has(name) && (await isSame(files, folders.get(name) ?? into.bundles.get(name) ?? '')))
        return { name, same: true }
      const to = join(folder, 'watch', `${name}-${(count += 1)}`)
      await mkdir(to, { recursive: true })
      await Promise.all([...files].map(([file, contents]) => writeFile(join(to, file), contents)))
      await into.swapFunction(name, to)
      const before = folders.get(name)
      folders.set(name, to)
      failed.delete(name)
      if (before !== undefined) await rm(before, { recursive: true, force: true })
      return { name }
    } catch (error) {
      failed.add(name)
      return { name, error: error instanceof Error ? error.message : String(error) }
    }
  }

  /** Where the bundles are that were swapped in. */
  const folders = new Map<string, string>()

  function tell(swaps: readonly Swapped[], files: readonly string[], ms: number) {
    const names = (some: readonly Swapped[]) => some.map(({ name }) => name).join(', ')
    const swapped = swaps.filter(({ same, error }) => !same && error === undefined)
    if (swapped.length > 0) say(`swapped ${names(swapped)} in ${(ms / 1000).toFixed(2)} s (${files.join(', ')})`)
    for (const [error, those] of Map.groupBy(swaps, each => each.error))
      if (error !== undefined) say(`${names(those)} not swapped, the code from before goes on:\n${error.trim()}`)
    if (swapped.length === 0 && swaps.every(({ error }) => error === undefined))
      say(`${files.join(', ')}: no function came out different`)
  }

  /** A service that handles another message needs another event source. */
  async function askForRestart() {
    reading = readWiring({ quoting })
    try {
      const differing = whatDiffers(await deployed, await reading.answer)
      if (differing.length > 0)
        say(`what is deployed would be different (${differing.join(', ')}): end it with Ctrl-C and start it again`)
    } catch (error) {
      if (!stopped) say(`the catalog can't be read: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  return {
    async into(up) {
      await rm(join(folder, 'watch'), { recursive: true, force: true })
      const auth = kafkaAuthOf(settingsOf('local').kafka)
      const [made] = await Promise.all([
        createRebuilder(readCatalog(catalogFor(quoting)).functions, { auth }),
        deployed,
      ])
      rebuilder = made
      runtime = up
      say(`watching ${FOLDERS.map(name => `${name}/`).join(', ')}: a change is swapped in as it is saved`)
      begin()
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      endWatching()
      types.stop()
      await reading?.stop()
      await working
      await rebuilder?.dispose()
    },
  }
}

async function isSame(files: ReadonlyMap<string, Uint8Array>, folder: string): Promise<boolean> {
  const present = await readFile(join(folder, 'index.mjs')).catch(() => undefined)
  const made = files.get('index.mjs')
  return made !== undefined && present?.equals(made) === true
}
