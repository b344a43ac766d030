import { Worker } from 'node:worker_threads'
import type { Bundle } from '../../lib/bundling/bundle.ts'
import type { SettingsInput } from '../../lib/config.ts'

export interface SynthRequest {
  readonly stage: string
  readonly outDir: string
  readonly overrides: Partial<SettingsInput>
  /** Bundles that a person debugs, in place of those that would be deployed. */
  readonly readable?: boolean
}
export interface Synthesized {
  /** The folder of the templates. */
  readonly directory: string
  /** What its functions were made of. */
  readonly bundles: readonly Pick<Bundle, 'name' | 'entry' | 'inputs'>[]
}
export type SynthAnswer = Synthesized | { readonly failure: string }

const working = new Set<Worker>()

/** Ends what is under way, so that nobody writes into a folder that is being removed. */
export const endSynthesis = () => Promise.all([...working].map(worker => worker.terminate()))

/**
 * Synthesizes a stage in a thread of its own: the servers start meanwhile, and what CDK holds in memory is given back
 * afterwards. Resolves with the folder of the templates. Throws what is wrong with the app.
 */
export const synthesizeAside = async (request: SynthRequest): Promise<string> =>
  (await synthesizeWithBundles(request)).directory

/** The same, with what the functions' bundles were made of. */
export function synthesizeWithBundles(request: SynthRequest): Promise<Synthesized> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('synth-worker.ts', import.meta.url), { workerData: request })
    working.add(worker)
    worker.once('message', (answer: SynthAnswer) => {
      if ('directory' in answer) resolve(answer)
      else reject(new Error(`the CDK app could not be synthesized: ${answer.failure}`))
      void worker.terminate()
    })
    worker.once('error', reject)
    worker.once('exit', () => void working.delete(worker))
    worker.once('exit', () => reject(new Error('the CDK app could not be synthesized: its thread ended')))
  })
}
