/** A worker thread of `many.ts`: one world a message, or a share of an exploration. */
import { parentPort } from 'node:worker_threads'
import { explore } from './explore.ts'
import type { Failed, Job, Share } from './many.ts'
import { run } from './run.ts'
import { scenarioOf } from './scenarios.ts'

parentPort?.on('message', (job: Job | Share) => {
  // What it throws ends the thread, and whoever started it hears of that.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  void answerOf(job).then(answer => parentPort?.postMessage(answer))
})

async function answerOf(job: Job | Share) {
  const scenario = await scenarioOf(job.scenario)
  if (!('case' in job)) {
    const { seed, faultsMax, share } = job
    return explore({ scenario, seed, faultsMax, share })
  }
  const { violations } = await run(scenario, job.case)
  return { ...job, violations } satisfies Failed
}
