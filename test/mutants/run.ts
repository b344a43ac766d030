/** Runs mutants, two at a time, each in a process of its own on a copy of the sources, until an invariant is violated. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { copyOf } from './copy.ts'
import type { Violation } from '../simulation/run.ts'
import type { Mutant } from './mutant.ts'
import { PatchError } from './tree/syntax.ts'
import type { World } from './worlds.ts'

/** What a trial prints. */
export type TrialResult =
  | { readonly kind: 'loaded' }
  | {
      readonly kind: 'violated'
      readonly seed: number
      readonly world: World
      readonly violation: Violation
      readonly replay: string
    }
  | { readonly kind: 'held' }

export interface Verdict {
  readonly mutant: Mutant
  /** `killed`: by a named invariant. `broken`: it proves nothing, as it does not apply, load, run or end. */
  readonly outcome: 'killed' | 'survived' | 'broken'
  /** The seeds that it took, or that it survived. */
  readonly seeds: number
  readonly seconds: number
  readonly invariant?: string
  /** What was violated, or why it is broken. */
  readonly text?: string
  readonly replay?: string
}

/** Within which each must be found, and how. */
export const DEFAULTS = { seeds: 200, jobs: 2, secondsMax: 240 } as const

export interface RunOptions {
  readonly seeds: number
  /** Processes at once. */
  readonly jobs: number
  /** Each mutant's most, in seconds: one that never ends is broken. */
  readonly secondsMax: number
  readonly ended?: (verdict: Verdict) => void
  readonly signal?: AbortSignal
}

/** The verdicts, in the mutants' order. */
export async function runMutants(mutants: readonly Mutant[], options: RunOptions): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  let next = 0
  const worker = async () => {
    for (let at = next++; at < mutants.length && !options.signal?.aborted; at = next++) {
      const verdict = await tryOut(mutants[at] as Mutant, options)
      verdicts[at] = verdict
      options.ended?.(verdict)
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, worker))
  return verdicts
}

async function tryOut(mutant: Mutant, options: RunOptions): Promise<Verdict> {
  const began = performance.now()
  const verdict = (rest: Pick<Verdict, 'outcome' | 'seeds'> & Partial<Verdict>): Verdict => ({
    mutant,
    seconds: (performance.now() - began) / 1000,
    ...rest,
  })
  let copy: Awaited<ReturnType<typeof copyOf>>
  try {
    copy = await copyOf(mutant)
  } catch (error) {
    if (error instanceof PatchError) return verdict({ outcome: 'broken', seeds: 0, text: error.message })
    throw error
  }
  try {
    const { outgoing, loaded, complaint } = await trial(copy.folder, mutant, options)
    if (!loaded) return verdict({ outcome: 'broken', seeds: 0, text: `it does not load: ${complaint}` })
    if (!outgoing) return verdict({ outcome: 'broken', seeds: 0, text: `it crashed or did not end: ${complaint}` })
    if (outgoing.kind === 'held') return verdict({ outcome: 'survived', seeds: options.seeds * (mutant.rarity ?? 1) })
    const { seed: seeds, replay } = outgoing
    const { invariant, detail: text } = outgoing.violation
    // The program's own checks may throw, and that is a finding; a mutant that trips over itself is none.
    if (/\b(TypeError|ReferenceError|SyntaxError|RangeError): /.test(text))
      return verdict({ outcome: 'broken', seeds, replay, text })
    return verdict({ outcome: 'killed', seeds, invariant, replay, text })
  } finally {
    await copy.remove()
  }
}

async function trial(folder: string, { worlds, rarity = 1 }: Mutant, { seeds, secondsMax, signal }: RunOptions) {
  const args = [join(folder, 'test/mutants/trial.ts'), String(seeds * rarity), ...worlds]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = () => void child.kill('SIGKILL')
  const tooLong = setTimeout(stop, secondsMax * 1000)
  signal?.addEventListener('abort', stop)
  const closed = once(child, 'close')
  // Reported below, when all that it printed is read.
  closed.catch(() => {})
  // Whoever works at this machine meanwhile comes first.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (more: string) => void (complaint = (complaint + more).slice(-2000)))
  let loaded = false
  let outgoing: Exclude<TrialResult, { kind: 'loaded' }> | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const word = JSON.parse(line) as TrialResult
    if (word.kind === 'loaded') loaded = true
    else outgoing = word
  }
  await closed
  clearTimeout(tooLong)
  signal?.removeEventListener('abort', stop)
  return {
    loaded,
    outgoing,
    complaint: complaint.trim() || (signal?.aborted ? 'it was stopped' : `it did not end within ${secondsMax} s`),
  }
}
