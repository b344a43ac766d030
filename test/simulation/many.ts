/** Many seeds of a scenario on all cores: each worker thread takes the next one as soon as it is free. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Exploration, Explored } from './explore.ts'
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

/** Runs them all, or until some have failed. `done` is told how many are over. Throws what a worker threw. */
export async function runMany(
  jobs: readonly Job[],
  { workers = availableParallelism(), done }: { workers?: number; done?: (worlds: number) => void } = {},
): Promise<Ran> {
  const failed: Failed[] = []
  let next = 0
  let worlds = 0
  const work = () =>
    inWorker({
      next: () => (failed.length < FAILURES_MAX ? jobs[next++] : undefined),
      message(answer) {
        const result = answer as Failed
        if (result.violations.length > 0) failed.push(result)
        worlds++
        done?.(worlds)
      },
    })
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work))
  return { worlds, failed }
}

/** A worker's share of an exploration. */
export interface Share extends Pick<Exploration, 'seed' | 'faultsMax'> {
  readonly scenario: string
  readonly share: NonNullable<Exploration['share']>
}

/** Explores with all cores. */
export async function exploreTogether(
  of: Omit<Share, 'share'>,
  { workers = availableParallelism() } = {},
): Promise<Explored> {
  const shares = await Promise.all(
    Array.from({ length: workers }, async (_, part) => {
      let explored: Explored | undefined
      const shares: Share[] = [{ ...of, share: { part, of: workers } }]
      await inWorker({ next: () => shares.pop(), message: answer => void (explored = answer as Explored) })
      return explored
    }),
  )
  const found = shares.filter(share => share !== undefined)
  return {
    // Each began with the run without faults.
    runs: found.reduce((sum, { runs }) => sum + runs, 0) - (found.length - 1),
    places: found[0]?.places ?? 0,
    failed: found.flatMap(({ failed }) => failed),
  }
}

/** A worker thread that is given one message after the other. Throws what it threw. */
function inWorker({ next, message }: { next: () => Job | Share | undefined; message: (answer: unknown) => void }) {
  const worker = new Worker(new URL('./worker.ts', import.meta.url))
  return new Promise<void>((resolve, reject) => {
    const goOn = () => {
      const message = next()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      if (message) worker.postMessage(message)
      else void worker.terminate().then(() => resolve(), reject)
    }
    worker.on('message', (answer: unknown) => {
      message(answer)
      goOn()
    })
    worker.on('error', reject)
    goOn()
  })
}
