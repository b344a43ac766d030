import { parentPort, workerData } from 'node:worker_threads'
import { synthesize } from '../../lib/synth.ts'
import type { SynthAnswer, SynthRequest } from './synth.ts'

const { stage, outDir, overrides, readable } = workerData as SynthRequest
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
const answer = (message: SynthAnswer) => parentPort?.postMessage(message)

try {
  const { directory, bundles } = await synthesize(stage, outDir, overrides, { readable: readable ?? false })
  answer({ directory, bundles: bundles.map(({ name, entry, inputs }) => ({ name, entry, inputs })) })
} catch (error) {
  answer({ failure: error instanceof Error ? error.message : String(error) })
}
