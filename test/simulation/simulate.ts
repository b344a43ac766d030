/** `npm run simulate -- --help`: runs simulated worlds, the same ones for the same numbers. */
import { randomInt } from 'node:crypto'
import { Command, Option } from 'commander'
import { quotings } from '../../lambdas/quoting.ts'
import { wholeFrom } from '../support/options.ts'
import { commandOf, reportOf, shrunkReportOf } from './report.ts'
import { LATE_SECONDS, run } from './run.ts'
import { scenarioOf } from './scenarios.ts'
import { type Case, shrink } from './shrink.ts'

const schedule = (text: string) => (text === 'in-turn' ? text : wholeFrom(0)(text))
const every =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[] = []) => [...before, parse(text)]

const program = new Command('simulate')
  .description(
    'Runs the order saga, or quoting, in a simulated world where everything goes wrong, and tells what does not hold then.',
  )
  .option('--seed <n>', 'the first seed: it decides what goes wrong and in which order', wholeFrom(0), 1)
  .option('--fresh', 'begin with a seed that is drawn now, and printed')
  .option('--seeds <n>', 'how many seeds, one world each', wholeFrom(0), 1)
  .option('--sagas <n>', 'orders or quotes in each world', wholeFrom(0), 8)
  .option('--moves <n>', 'moves before fair weather returns (default: as many as its sagas need)', wholeFrom(0))
  .option('--late <s>', 'seconds that a sweep is late at most', wholeFrom(0), LATE_SECONDS)
  .addOption(new Option('--quoting <wiring>', 'quotes in this wiring, in the place of orders').choices(quotings))
  .option('--own <file>', 'a saga or a domain of your own: see docs/simulate-your-saga.md')
  .option('--trace', 'print every move')
  .option('--shrink', 'make each failing run as small as it gets, and print its trace')
  .option('--schedule <n>', 'another order of events: a seed of its own, or in-turn', schedule)
  .option('--among <n>', 'only this one of the sagas takes part (may be given again)', every(wholeFrom(0)))
  .option('--fault <what>', 'only this goes wrong (may be given again); none: nothing does', every(String))
  .parse()
const options = program.opts<{
  seed: number
  fresh?: boolean
  seeds: number
  sagas: number
  moves?: number
  late: number
  trace?: boolean
  shrink?: boolean
  quoting?: string
  own?: string
  schedule?: number | 'in-turn'
  among?: number[]
  fault?: string[]
}>()

const name = options.own ?? options.quoting ?? 'orders'
const scenario = await scenarioOf(name)
const first = options.fresh ? randomInt(2 ** 31) : options.seed
if (options.fresh) console.log(`from seed ${first} on`)
const began = performance.now()
let failed = 0
for (let seed = first; seed < first + options.seeds; seed++) {
  const { sagas, moves, late, schedule, among, fault, trace } = options
  const only = fault && new Set(fault.filter(id => id !== 'none'))
  const settings: Case = { seed, sagas, moves, late, schedule, among, only }
  const { violations } = await run(scenario, { ...settings, ...(trace && { trace: line => console.log(line) }) })
  if (violations.length === 0) continue
  failed++
  console.log(reportOf(name, settings, violations).join('\n'))
  const shrunk = options.shrink ? await shrink(scenario, settings) : undefined
  if (shrunk) console.log(shrunkReportOf(name, shrunk).join('\n'))
  else if (!trace) console.log(`  made small: ${commandOf(name, settings)} --shrink`)
}
console.log(
  `${options.seeds} worlds of ${options.sagas} sagas in ${((performance.now() - began) / 1000).toFixed(1)} s: ${failed === 0 ? 'nothing lost, nothing doubled' : `${failed} went wrong`}`,
)
process.exitCode = failed === 0 ? 0 : 1
