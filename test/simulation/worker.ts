/** A worker thread of `many.ts`: one world a message, and what does not hold in it. */
import { parentPort } from 'node:worker_threads'
import { run } from './run.ts'
import { scenarioOf } from './scenarios.ts'
import type { Failed, Job } from './many.ts'

parentPort?.on('message', async (job: Job) => {
  const { violations } = await run(scenarioOf(job.scenario), job.case)
  parentPort?.postMessage({ ...job, violations } satisfies Failed)
})
