/**
 * `npm run permissions [-- --stage prod --function order --settings '{"quoting":"choreography"}' --json]`: what each
 * function of a stage may do, read off its synthesized templates. `docs/permissions.md` is the summary.
 */
import { Command } from 'commander'
import { CatalogError } from '#engine/catalog/wiring.ts'
import { plainTable } from '../../client/plain-table.ts'
import { parseOverrides, SettingsError } from '../../lib/config.ts'
import { grantedIn } from './granted.ts'
import { tablesOf } from './tables.ts'

const options = new Command('permissions')
  .description('What each function of a stage may do, and why.')
  .option('--stage <name>', 'a stage of lib/config.ts', 'prod')
  .option('--function <name>', 'only this function, by the name that it has in the catalog')
  .option('--settings <json>', "settings in the place of the stage's, as for `cdk synth -c settings=…`")
  .option('--json', 'for programs')
  .parse()
  .opts<{ stage: string; function?: string; json?: boolean; settings?: string }>()

try {
  const granted = grantedIn(options.stage, parseOverrides(options.settings))
  const wanted = options.function
  if (wanted !== undefined && !granted.has(wanted)) {
    process.stderr.write(
      `recourse: --function: the stage has no function ${wanted}; it has ${[...granted.keys()].join(', ')}\n`,
    )
    process.exitCode = 1
  } else if (options.json) {
    const chosen = [...granted].filter(([name]) => wanted === undefined || name === wanted)
    process.stdout.write(`${JSON.stringify(Object.fromEntries(chosen), undefined, 2)}\n`)
  } else
    for (const { title, head, rows } of tablesOf(granted, options.stage, wanted))
      process.stdout.write(`${title}\n${plainTable(head, rows)}\n\n`)
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof CatalogError)) throw error
  process.stderr.write(`recourse: ${error.message}\n`)
  process.exitCode = 1
}
