/**
 * `npm run simulate -- --seed N [--seeds N] [--sagas N] [--moves N] [--late S] [--trace]`: runs simulated worlds, the same ones for the same numbers.
 */
import { Command, Option } from 'commander'
import { quotings, type Quoting } from '../../lambdas/quoting.ts'
import { wholeFrom } from '../support/options.ts'
import { runOrders } from './order-world.ts'
import { runQuotes } from './quote-world.ts'
import { seeded } from './random.ts'

const program = new Command('simulate')
  .description('Runs the order saga, or quoting, in a simulated world where everything goes wrong.')
  .option('--seed <n>', 'the first seed', wholeFrom(0), 1)
  .option('--seeds <n>', 'how many seeds', wholeFrom(0), 1)
  .option('--sagas <n>', 'orders in each world', wholeFrom(0), 8)
  .option('--moves <n>', 'moves before fair weather returns', wholeFrom(0), 1500)
  .option('--late <s>', 'seconds that a sweep is late at most', wholeFrom(0), 90)
  .addOption(new Option('--quoting <wiring>', 'quotes in this wiring, in the place of orders').choices(quotings))
  .option('--trace', 'print every move')
  .parse()
const {
  seed: first,
  seeds,
  sagas,
  moves,
  late,
  trace,
  quoting,
} = program.opts<{
  seed: number
  seeds: number
  sagas: number
  moves: number
  late: number
  trace?: boolean
  quoting?: Quoting
}>()

const began = performance.now()
let failed = 0
for (let seed = first; seed < first + seeds; seed++) {
  const world = { moves, late, ...(trace && { trace: (line: string) => console.log(line) }) }
  const wrong = quoting
    ? await runQuotes(seeded(seed), { quoting, quotes: sagas, ...world })
    : await runOrders(seeded(seed), { orders: sagas, ...world })
  if (wrong.length === 0) continue
  failed++
  console.log(`seed ${seed}:\n  ${wrong.slice(0, 10).join('\n  ')}`)
  console.log(
    `  again: npm run simulate -- --seed ${seed} --sagas ${sagas} --moves ${moves} --late ${late}${quoting ? ` --quoting ${quoting}` : ''} --trace`,
  )
}
console.log(
  `${seeds} worlds of ${sagas} sagas in ${((performance.now() - began) / 1000).toFixed(1)} s: ${failed === 0 ? 'nothing lost, nothing doubled' : `${failed} went wrong`}`,
)
process.exitCode = failed === 0 ? 0 : 1
