/** What a person is told of a run that failed: what does not hold, how to see it again, and the shortest way there. */
import type { Violation } from './run.ts'
import { movesFor } from './run.ts'
import type { Case, Shrunk } from './shrink.ts'

const VIOLATIONS_SHOWN = 5

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** The command that does this very run again. */
export function commandOf(name: string, of: Case): string {
  const { seed, sagas, moves, late, among, only, schedule } = of
  return [
    `npm run simulate -- --seed ${seed} --sagas ${sagas}`,
    ...(moves === undefined || moves === movesFor(sagas) ? [] : [`--moves ${moves}`]),
    ...(late === undefined ? [] : [`--late ${late}`]),
    ...(name === 'orders' ? [] : [name.endsWith('.ts') ? `--own ${name}` : `--quoting ${name}`]),
    ...(schedule === undefined || schedule === seed ? [] : [`--schedule ${schedule}`]),
    ...(among ?? []).map(number => `--among ${number}`),
    ...(only?.size === 0 ? ['--fault none'] : []),
    ...[...(only ?? [])].map(fault => `--fault ${quoted(fault)}`),
  ].join(' ')
}

export const violationsOf = (violations: readonly Violation[]): string[] =>
  violations.slice(0, VIOLATIONS_SHOWN).map(({ invariant, detail }) => `${invariant}: ${detail}`)

export function reportOf(name: string, failed: Case, violations: readonly Violation[]): string[] {
  return [
    `seed ${failed.seed}:`,
    ...violationsOf(violations).map(line => `  ${line}`),
    `  again: ${commandOf(name, failed)} --trace`,
  ]
}

/** Not a read or an acknowledgement that went well. */
const isTelling = (line: string) => !/^ *\d+ {2}[\w-]+: (read|query|acknowledge) /.test(line) || / FAILS: /.test(line)

export function shrunkReportOf(name: string, shrunk: Shrunk): string[] {
  const { faults, violation, trace, runs } = shrunk
  const sagas = shrunk.case.among?.length ?? shrunk.case.sagas
  return [
    `  shrunk in ${runs} runs to ${sagas} ${sagas === 1 ? 'saga' : 'sagas'} and ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:`,
    ...faults.map(fault => `    ${fault}`),
    `  ${violation.invariant}: ${violation.detail}`,
    ...trace.filter(isTelling).map(line => `    ${line}`),
    `  again: ${commandOf(name, shrunk.case)} --trace`,
  ]
}
