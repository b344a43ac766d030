import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bundle } from '../../lib/bundling/bundle.ts'
import type { Rebuilder } from '../../lib/bundling/rebuild.ts'
import type { Runtime } from '../runtime/runtime.ts'

export interface Swapper {
  readonly inputs: Rebuilder['inputs']
  /** The file that each function begins with. */
  readonly entries: ReadonlyMap<string, string>
  /** `again`: the last one did not come to run, so that an unchanged bundle is no reason to leave it. */
  swap(name: string, options: { again: boolean }): Promise<Swapped>
  dispose(): Promise<void>
}

/** `same`: the bundle came out as it was. `failed`: it can't be bundled or loaded; the one from before goes on. */
export interface Swapped {
  readonly outcome: 'swapped' | 'same' | 'failed'
  readonly error?: string
}

/** Bundles functions anew and hands them to the runtime; each bundle has a folder of its own in `folder`. */
export function createSwapper({
  rebuilder,
  bundles,
  folder,
  runtime,
}: {
  readonly rebuilder: Rebuilder
  readonly bundles: readonly Pick<Bundle, 'name' | 'entry'>[]
  readonly folder: string
  readonly runtime: Pick<Runtime, 'bundles' | 'swapFunction'>
}): Swapper {
  /** Where the bundles are that run now. */
  const running = new Map(runtime.bundles)
  const own = new Set<string>()
  let count = 0

  async function swap(name: string, { again }: { again: boolean }): Promise<Swapped> {
    try {
      const files = await rebuilder.rebuild(name)
      const before = running.get(name)
      // It is bundled, but the templates have no use for it.
      if (before === undefined) return { outcome: 'same' }
      if (!again && (await isSame(files, before))) return { outcome: 'same' }
      const to = join(folder, `${name}-${(count += 1)}`)
      await mkdir(to, { recursive: true })
      await Promise.all([...files].map(([file, contents]) => writeFile(join(to, file), contents)))
      await runtime.swapFunction(name, to)
      running.set(name, to)
      if (own.delete(before)) await rm(before, { recursive: true, force: true })
      own.add(to)
      return { outcome: 'swapped' }
    } catch (error) {
      return { outcome: 'failed', error: error instanceof Error ? error.message : String(error) }
    }
  }

  return {
    inputs: rebuilder.inputs,
    entries: new Map(bundles.map(({ name, entry }) => [name, entry])),
    swap,
    dispose: () => rebuilder.dispose(),
  }
}

async function isSame(files: ReadonlyMap<string, Uint8Array>, folder: string): Promise<boolean> {
  const present = await readFile(join(folder, 'index.mjs')).catch(() => undefined)
  const made = files.get('index.mjs')
  return made !== undefined && present?.equals(made) === true
}
