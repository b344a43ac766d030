/** Many seeds of a scenario on all cores: each worker thread takes the next one as soon as it is free. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Violation } from './run.ts'
import type { Case } from './shrink.ts'

/** One world that a worker runs. */
export interface Job {
  /** A name of `scenarios`. */
  readonly scenario: string
  readonly case: Pick<Case, 'seed' | 'sagas' | 'moves' | 'late'>
}

export interface Failed extends Job {
  readonly violations: readonly Violation[]
}

export interface Ran {
  readonly worlds: number
  readonly failed: readonly Failed[]
}

/** Failures after which no more worlds are begun. */
const FAILURES_MAX = 5

/** Runs them all, or until some have failed. `done` hears how many are over. Throws what a worker threw. */
export async function runMany(
  jobs: readonly Job[],
  { workers = availableParallelism(), done }: { workers?: number; done?: (worlds: number) => void } = {},
): Promise<Ran> {
  const failed: Failed[] = []
  let next = 0
  let worlds = 0
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work))
  return { worlds, failed }

  function work(): Promise<void> {
    const worker = new Worker(new URL('./worker.ts', import.meta.url))
    return new Promise<void>((resolve, reject) => {
      const goOn = () => {
        const job = failed.length < FAILURES_MAX ? jobs[next++] : undefined
        if (job) worker.postMessage(job)
        else void worker.terminate().then(() => resolve(), reject)
      }
      worker.on('message', (result: Failed) => {
        if (result.violations.length > 0) failed.push(result)
        done?.(++worlds)
        goOn()
      })
      worker.on('error', reject)
      goOn()
    })
  }
}
