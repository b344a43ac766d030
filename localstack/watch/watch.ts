/**
 * `npm start -- --watch`: a change of a function's code bundles that function again and swaps its thread, in the system
 * that is up. Topics, tables and functions are not made anew: what needs that is said.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Chosen } from '../../lambdas/catalog.ts'
import { createRebuilder } from '../../lib/bundling/rebuild.ts'
import { settingsOf } from '../../lib/config.ts'
import { kafkaAuthOf } from '../../lib/needs.ts'
import { keyFolder } from '../runtime/identity.ts'
import type { Synthesized } from '../runtime/synth.ts'
import { createSwapper, type Swapped, type Swapper } from './swap.ts'
import { createTypeCheck } from './type-check.ts'
import { watchFolders } from './watch-folders.ts'
import { inWaves, isSource, whatDiffers, whatToSwap } from './what-to-swap.ts'
import { readWiring } from './wiring.ts'

export interface Watch {
  /** From here on what changes, and what has changed already, is swapped in this system. */
  into(runtime: Parameters<typeof createSwapper>[0]['runtime']): Promise<void>
  stop(): Promise<void>
}

type Outcome = Swapped & { readonly name: string }

const root = join(import.meta.dirname, '..', '..')
const FOLDERS = ['bin', 'lambdas', 'lib', 'localstack']
/** An editor writes a file in several strokes. */
const SETTLED_AFTER_MS = 40
/** Bundling is work of the processor: more at once would only make each of them late. */
const AT_ONCE = 2
const restartIt = 'end it with Ctrl-C and start it again'

/** `folder`: keeps the new bundles. */
export function startWatch({
  chosen,
  folder,
  synthesized,
  say,
}: {
  readonly chosen: Chosen
  readonly folder: string
  /** Resolves when the templates are there; what they were made of is what is deployed. */
  readonly synthesized: Promise<Synthesized>
  readonly say: (line: string) => void
}): Watch {
  const types = createTypeCheck({ root, cache: keyFolder, say })
  const changed = new Set<string>()
  /** Functions that do not run what is written: it failed, or they have not had their turn. */
  const owed = new Set<string>()
  let swapper: Swapper | undefined
  let since = 0
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | undefined
  let stopped = false
  let reading: ReturnType<typeof readWiring> | undefined
  const deployed = synthesized.then(() => (reading = readWiring({ chosen })).answer)
  deployed.catch(() => {})

  const endWatching = watchFolders(root, FOLDERS, file => {
    if (!isSource(file)) return
    if (changed.size === 0) since = performance.now()
    changed.add(file)
    clearTimeout(timer)
    timer = setTimeout(begin, SETTLED_AFTER_MS)
  })

  function begin() {
    if (!swapper || working || stopped) return
    working = work(swapper).finally(() => (working = undefined))
  }

  async function work(into: Swapper) {
    while (changed.size > 0) {
      const files = [...changed]
      const from = since
      changed.clear()
      const { rebuild, restart, unused } = whatToSwap(files, into.inputs, owed)
      if (restart.length > 0) say(`${restart.join(', ')} changed, which a running system can't follow: ${restartIt}`)
      for (const file of unused) say(`${file} changed, which is in no function`)
      if (rebuild.length === 0) continue
      const again = new Set(owed)
      for (const name of rebuild) owed.add(name)
      let swapped = 0
      let wrong = false
      for (const wave of inWaves(rebuild, into.entries, files)) {
        // What is wrong has been said of the first ones: the others follow when it is right.
        if (wrong) break
        const outcomes = await swapAll(wave, into, again)
        tell(outcomes, files, from)
        swapped += outcomes.filter(({ outcome }) => outcome === 'swapped').length
        wrong = outcomes.some(({ outcome }) => outcome === 'failed')
        // The first ones are what somebody waits for; what comes with them may take its time.
        types.request()
      }
      if (swapped === 0 && owed.size === 0) say(`${files.join(', ')}: no function came out different`)
      if (swapped > 0) void askForRestart()
    }
  }

  /** What has changed meanwhile comes first: functions that have not had their turn then stay owed. */
  async function swapAll(names: readonly string[], into: Swapper, again: ReadonlySet<string>): Promise<Outcome[]> {
    const waiting = [...names]
    const outcomes: Outcome[] = []
    const worker = async () => {
      while (changed.size === 0) {
        const name = waiting.shift()
        if (name === undefined) return
        const swapped = await into.swap(name, { again: again.has(name) })
        if (swapped.outcome !== 'failed') owed.delete(name)
        outcomes.push({ name, ...swapped })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    return outcomes
  }

  function tell(outcomes: readonly Outcome[], files: readonly string[], from: number) {
    const namesOf = (some: readonly Outcome[]) => some.map(({ name }) => name).join(', ')
    const swapped = outcomes.filter(({ outcome }) => outcome === 'swapped')
    const seconds = ((performance.now() - from) / 1000).toFixed(2)
    if (swapped.length > 0) say(`swapped ${namesOf(swapped)} in ${seconds} s (${files.join(', ')})`)
    const failures = outcomes.filter(({ outcome }) => outcome === 'failed')
    for (const [error, those] of Map.groupBy(failures, each => each.error))
      say(`${namesOf(those)} not swapped, the code from before goes on:\n${error?.trim()}`)
  }

  /** A service that handles another message needs another event source. */
  async function askForRestart() {
    await reading?.stop()
    const now = (reading = readWiring({ chosen }))
    try {
      const differing = whatDiffers(await deployed, await now.answer)
      if (differing.length > 0) say(`what is deployed would be different (${differing.join(', ')}): ${restartIt}`)
    } catch (error) {
      // Another change has come, or the end.
      if (reading !== now || stopped) return
      say(`the catalog can't be read: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  return {
    async into(runtime) {
      await rm(join(folder, 'watch'), { recursive: true, force: true })
      const { bundles } = await synthesized
      await deployed
      const rebuilder = createRebuilder(bundles, { auth: kafkaAuthOf(settingsOf('local').kafka) })
      swapper = createSwapper({ rebuilder, bundles, folder: join(folder, 'watch'), runtime })
      say(`watching ${FOLDERS.map(name => `${name}/`).join(', ')}: a change is swapped in as it is saved`)
      begin()
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      endWatching()
      changed.clear()
      types.stop()
      await reading?.stop()
      await working
      await swapper?.dispose()
    },
  }
}
