/** A worker thread of `many.ts`: one world a message, or a share of an exploration. */
import { parentPort } from 'node:worker_threads'
import { explore } from './explore.ts'
import type { Failed, Job, Share } from './many.ts'
import { run } from './run.ts'
import { scenarioOf } from './scenarios.ts'

parentPort?.on('message', async (job: Job | Share) => {
  const scenario = await scenarioOf(job.scenario)
  if (!('case' in job)) {
    const { seed, faultsMax, share } = job
    return parentPort?.postMessage(await explore({ scenario, seed, faultsMax, share }))
  }
  const { violations } = await run(scenario, job.case)
  return parentPort?.postMessage({ ...job, violations } satisfies Failed)
})
