/**
 * `npm run cost [-- --stage prod --sagas 1000000 --settings '{"partitions": 24}' --prices --json]`: what a stage costs a
 * month at rest, what its orders cost, what the same orders cost elsewhere, and where each price was read. `docs/cost.md`
 * is the summary.
 */
import { Command, InvalidArgumentError } from 'commander'
import { CatalogError } from '#engine/catalog/wiring.ts'
import { parseOverrides, SettingsError } from '../../lib/config.ts'
import { prices, PRICED_ON, REGION } from '../../lib/cost/prices.ts'
import { UnpricedError } from '../../lib/cost/resources.ts'
import { plainTable } from '../../client/plain-table.ts'
import { ASSUMED, assumptions, assumptionsOfOthers } from './assumptions.ts'
import { reportOf } from './report.ts'
import { pricesTable, tablesOf } from './tables.ts'

const {
  stage,
  sagas,
  json,
  settings,
  prices: withPrices,
} = new Command('cost')
  .description('What a stage costs a month, what orders cost, and what they would cost elsewhere.')
  .option('--stage <name>', 'a stage of lib/config.ts', 'prod')
  .option('--sagas <n>', 'orders in a month', wholeNumber, 1_000_000)
  .option('--settings <json>', "settings in the place of the stage's, as for `cdk synth -c settings=…`")
  .option('--prices', 'every list price too, with where it was read')
  .option('--json', 'for programs')
  .parse()
  .opts<{ stage: string; sagas: number; json?: boolean; settings?: string; prices?: boolean }>()

try {
  const report = await reportOf(stage, sagas, parseOverrides(settings))
  if (json) {
    const all = { ...report, region: REGION, pricedOn: PRICED_ON, prices, assumed: ASSUMED }
    process.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`)
  } else {
    for (const { title, head, rows } of [...tablesOf(report), ...(withPrices ? [pricesTable] : [])])
      process.stdout.write(`${title}\n${plainTable(head, rows)}\n\n`)
    process.stdout.write(`List prices of ${PRICED_ON} in ${REGION}; where each was read: --prices. Assumed:\n`)
    for (const line of [...assumptions, ...assumptionsOfOthers]) process.stdout.write(`- ${line}\n`)
  }
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof CatalogError || error instanceof UnpricedError)) throw error
  process.stderr.write(`recourse: ${error.message}\n`)
  process.exitCode = 1
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError('a whole number')
  return number
}
