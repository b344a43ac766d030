/**
 * `npm run mutants [-- --only <name>…] [--list] [--seeds N] [--jobs N]`: does the simulation find what breaks without each
 * rule? Prints a line a mutant. The exit code is 1 if one survives or is broken, or if the sources as they are do not pass.
 */
import Table from 'cli-table3'
import { Command } from 'commander'
import { wholeFrom } from '../support/options.ts'
import { controls, expectedOf, mutants } from './list.ts'
import { DEFAULTS, runMutants, type Verdict } from './run.ts'

const program = new Command('mutants')
  .description('Breaks one rule after the other in a copy of the sources, and lets the simulation find it.')
  .option('--only <name...>', 'these mutants')
  .option('--list', 'show the mutants, run none')
  .option('--seeds <n>', 'in which a mutant must be found', wholeFrom(1), DEFAULTS.seeds)
  .option('--jobs <n>', 'mutants at once', wholeFrom(1), DEFAULTS.jobs)
  .parse()
const { only, list, seeds, jobs } = program.opts<{ only?: string[]; list?: boolean; seeds: number; jobs: number }>()

const unknown = only?.find(name => !mutants.some(mutant => mutant.name === name))
if (unknown !== undefined) program.error(`there is no mutant ${unknown}: --list shows them`)
const chosen = only ? mutants.filter(({ name }) => only.includes(name)) : mutants

if (list) {
  const table = new Table({ head: ['mutant', 'rule', 'what it does'], style: { head: [], border: [], compact: true } })
  for (const { name, rule, does, redundant } of chosen)
    table.push([name, rule, redundant ? `${does} (redundant)` : does])
  process.stdout.write(`${table.toString()}\n`)
} else process.exitCode = await run()

async function run(): Promise<number> {
  const began = performance.now()
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  const options = { ...DEFAULTS, seeds, jobs, signal: stopping.signal, ended: print }
  const verdicts = await runMutants([...chosen, ...controlsOf(chosen)], options)
  const failures = verdicts.filter(verdict => !asExpected(verdict))
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  const killed = verdicts.filter(({ mutant, outcome }) => outcome === 'killed' && !controls.includes(mutant)).length
  const redundant = chosen.filter(({ redundant }) => redundant).length
  process.stdout.write(
    `${killed} of ${chosen.length} mutants killed${redundant > 0 ? `, ${redundant} redundant` : ''}, in ${seconds} s\n`,
  )
  for (const { mutant, outcome, text, replay } of failures)
    process.stdout.write(`\n${mutant.name} ${outcome}: ${text ?? mutant.does}\n${replay ? `  ${replay}\n` : ''}`)
  return failures.length === 0 && !stopping.signal.aborted ? 0 : 1
}

/** The worlds that these mutants live in, as they are. */
function controlsOf(some: typeof mutants) {
  const lived = new Set(some.flatMap(({ worlds }) => worlds))
  return controls.filter(({ worlds }) => worlds.every(world => lived.has(world)))
}

function asExpected({ mutant, outcome }: Verdict) {
  return outcome === expectedOf(mutant)
}

function print(verdict: Verdict) {
  const { mutant, outcome, invariant = '', seeds, seconds } = verdict
  const shown =
    outcome !== 'survived' ? outcome : mutant.redundant ? 'redundant' : controls.includes(mutant) ? 'held' : outcome
  process.stdout.write(
    `${mutant.name.padEnd(40)} ${mutant.rule.padEnd(14)} ${shown.padEnd(9)} ${String(seeds).padStart(4)} seeds ${seconds.toFixed(1).padStart(5)} s  ${invariant}\n`,
  )
}
