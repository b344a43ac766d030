/**
 * `npm run simulate -- --seed N [--seeds N] [--sagas N] [--moves N] [--late S] [--trace]`: runs simulated worlds, the same ones for the same numbers.
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import { quotings, type Quoting } from '../../lambdas/quoting.ts'
import { runOrders } from './order-world.ts'
import { runQuotes } from './quote-world.ts'
import { seeded } from './random.ts'

const whole = (text: string) => {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 0) throw new InvalidArgumentError('it is a whole number from 0')
  return n
}
const program = new Command('simulate')
  .description('Runs the order saga, or quoting, in a simulated world where everything goes wrong.')
  .option('--seed <n>', 'the first seed', whole, 1)
  .option('--seeds <n>', 'how many seeds', whole, 1)
  .option('--sagas <n>', 'orders in each world', whole, 8)
  .option('--moves <n>', 'moves before fair weather returns', whole, 1500)
  .option('--late <s>', 'seconds that a sweep is late at most', whole, 90)
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
