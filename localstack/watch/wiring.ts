import { Worker } from 'node:worker_threads'
import type { Chosen } from '../../lambdas/catalog.ts'

export interface WiringRequest {
  readonly chosen: Chosen
}
/** A digest of each topic, table and function that the catalog asks for, by what it is and its name. */
export type WiringAnswer = Readonly<Record<string, string>>

/** What the catalog asks for now, from the files as they are. Throws what is wrong with it. */
export function readWiring(request: WiringRequest): { answer: Promise<WiringAnswer>; stop(): Promise<unknown> } {
  const worker = new Worker(new URL('wiring-worker.ts', import.meta.url), { workerData: request })
  const answer = new Promise<WiringAnswer>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the thread that reads the catalog ended')))
  })
  answer.catch(() => {})
  return { answer, stop: () => worker.terminate() }
}
