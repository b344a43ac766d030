import { Worker } from 'node:worker_threads'
import type { SettingsInput } from '../../lib/config.ts'

export interface SynthRequest {
  readonly stage: string
  readonly outDir: string
  readonly overrides: Partial<SettingsInput>
  /** Bundles that a person debugs, in place of those that would be deployed. */
  readonly readable?: boolean
}
export type SynthAnswer = { readonly directory: string } | { readonly failure: string }

const working = new Set<Worker>()

/** Ends what is under way, so that nobody writes into a folder that is being removed. */
export const endSynthesis = () => Promise.all([...working].map(worker => worker.terminate()))

/**
 * Synthesizes a stage in a thread of its own: the servers start meanwhile, and what CDK holds in memory is given back
 * afterwards. Resolves with the folder of the templates. Throws what is wrong with the app.
 */
export function synthesizeAside(request: SynthRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('synth-worker.ts', import.meta.url), { workerData: request })
    working.add(worker)
    worker.once('message', (answer: SynthAnswer) => {
      if ('directory' in answer) resolve(answer.directory)
      else reject(new Error(`the CDK app could not be synthesized: ${answer.failure}`))
      void worker.terminate()
    })
    worker.once('error', reject)
    worker.once('exit', () => void working.delete(worker))
    worker.once('exit', () => reject(new Error('the CDK app could not be synthesized: its thread ended')))
  })
}
