import { randomBytes } from 'node:crypto'
import { apiClient } from '../../client/api-client.ts'
import type { Play, TimelineRow } from './play.ts'
import { report } from './report.ts'

export interface ScenarioRun {
  /** The API: `http://127.0.0.1:3000`. */
  readonly url: string
  readonly plays: readonly Play[]
  /** A token for a user. */
  token(sub: string, groups?: readonly string[]): Promise<string>
  /** The messages of one saga that have been seen on the topics so far, in the order in which they were written. */
  timeline(sagaId: string): Promise<readonly TimelineRow[]> | readonly TimelineRow[]
  /** One line of text or several, for a person. */
  print(text: string): void
  /** How long what follows an end may take (its last row and message), milliseconds. Default 15,000. */
  readonly settleMaxMs?: number
}

const SETTLE_MAX_MS = 15_000

/** Plays all at once, and prints how each ended. `ok`: each as it should, to the last unit. */
export async function runScenarios({ plays, ...run }: ScenarioRun): Promise<{ ok: boolean }> {
  const runId = randomBytes(3).toString('hex')
  const stage = {
    operator: apiClient(run.url, await run.token('scenario-operator', ['operators'])),
    customer: apiClient(run.url, await run.token(`scenario-${runId}`)),
    timeline: run.timeline,
    settleMaxMs: run.settleMaxMs ?? SETTLE_MAX_MS,
  }
  run.print(`playing ${plays.length} scenarios …`)

  // All are under way at once, and are told in their order.
  const underWay = plays.map((play, i) => ({
    play,
    end: play.play({ ...stage, slug: `${i + 1}-${runId}` }).catch((error: unknown) => error as Error),
  }))
  let good = 0
  for (const [i, { play, end }] of underWay.entries()) {
    const played = await end
    if (!(played instanceof Error) && played.wrong.length === 0) good += 1
    run.print(report(`${i + 1}/${plays.length}`, play, played))
  }
  run.print(`\n${good} of ${plays.length} scenarios ended as they should`)
  return { ok: good === plays.length }
}
