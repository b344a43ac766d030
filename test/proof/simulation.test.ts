import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { exploreTogether, type Job, runMany } from '../simulation/many.ts'
import { reportOf, shrunkReportOf } from '../simulation/report.ts'
import { scenarioOf, scenarios } from '../simulation/scenarios.ts'
import { shrink } from '../simulation/shrink.ts'

/** Worlds in all, over the order saga and the three wirings of quoting; every tenth has sweeps that are very late. */
const WORLDS = 1000
const SAGAS = 50
const LATE = { usual: 90, very: 1800 }

test(`${WORLDS} fresh worlds of ${SAGAS} sagas lose nothing and double nothing`, { timeout: 600_000 }, async () => {
  const first = randomInt(2 ** 31)
  const names = Object.keys(scenarios)
  const jobs = Array.from({ length: WORLDS }, (_, i): Job => {
    const late = i % 10 === 9 ? LATE.very : LATE.usual
    return { scenario: names[i % names.length] ?? '', case: { seed: first + i, sagas: SAGAS, late } }
  })
  console.log(`simulation: ${WORLDS} worlds of ${SAGAS} sagas from seed ${first} on`)
  const began = performance.now()
  const { worlds, failed } = await runMany(jobs)
  console.log(`simulation: ${worlds} worlds in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  const lines = failed.flatMap(({ scenario, case: of, violations }) => reportOf(scenario, of, violations))
  const [smallest] = failed
  const shrunk = smallest && (await shrink(await scenarioOf(smallest.scenario), smallest.case))
  if (smallest && shrunk) lines.push(...shrunkReportOf(smallest.scenario, shrunk))
  expect(failed.length, lines.join('\n')).toBe(0)
  expect(worlds).toBe(WORLDS)
})

/** Seeds of one saga, about a minute each; `exploreTogether` takes those of quoting as well. */
const EXPLORED = [['orders', 1]] as const

test.each(EXPLORED)(
  'every two faults of one saga are survived: %s, seed %i',
  { timeout: 300_000 },
  async (name, seed) => {
    const began = performance.now()
    const { runs, places, failed } = await exploreTogether({ scenario: name, seed, faultsMax: 2 })
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    console.log(`explored ${name}: ${runs} runs, ${places} places of a fault, ${seconds} s`)
    expect(failed.flatMap(one => reportOf(name, one.case, one.violations)).join('\n')).toBe('')
    expect(runs).toBeGreaterThan((places * places) / 4)
  },
)
