import { expect, test } from 'vitest'
import { explore } from './explore.ts'
import { reportOf } from './report.ts'
import { scenarioOf, scenarios } from './scenarios.ts'

/** Two at once are for the deep tests. */
test.each(Object.keys(scenarios))('every single fault of one saga is survived: %s', { timeout: 60_000 }, async name => {
  const { runs, places, failed } = await explore({ scenario: await scenarioOf(name), seed: SEED, faultsMax: 1 })
  expect(failed.flatMap(one => reportOf(name, one.case, one.violations)).join('\n')).toBe('')
  expect(places).toBeGreaterThan(PLACES_MIN)
  expect(runs).toBe(places + 1)
})

/** An order of several lines that is paid; a quote that is issued. */
const SEED = 1
/** A saga has some thirty steps, each of which can go wrong in several ways. */
const PLACES_MIN = 100
