import { expect, test } from 'vitest'
import { type Quoting, quotings } from '../../lambdas/quoting.ts'
import { quotes } from './quote-world.ts'
import { reportOf } from './report.ts'
import { run } from './run.ts'

const QUOTES = 8
/** Of each wiring; the same ones on every machine. */
const SEEDS = 100
/** Seeds that found something once, kept for ever. */
const CORPUS: Readonly<Record<Quoting, readonly number[]>> = {
  orchestration: [
    // An operator said that a policy was issued, and its id was lost on the way: the quote could not be completed.
    17,
  ],
  choreography: [],
  'event-sourcing': [
    // A trigger that came again handled a later event too, and died before it published what followed: nobody published it again.
    1002,
    1253,
    // The trigger of a policy that was issued elsewhere was lost: nobody looked at its stream again.
    100,
    // An operator's message made a lost trigger good, and went to the dead letters; the next event's commit forgot the event.
    94_727_312,
  ],
}

test.each(quotings)(
  'worlds of quotes end whole in %s: completed, active and counted, or none of it',
  { timeout: 120_000 },
  async quoting => {
    for (const seed of [...CORPUS[quoting], ...Array.from({ length: SEEDS }, (_, i) => i + 1)]) {
      const settings = { seed, sagas: QUOTES }
      const { violations } = await run(quotes(quoting), settings)
      expect(violations, reportOf(quoting, settings, violations).join('\n')).toEqual([])
    }
  },
)
