import { Command, CommanderError } from 'commander'
import { type Difference, type Model, modelKeys } from '../../lambdas/services/quote/replay.ts'
import { tablesAt, type WhereOptions, withWhere } from './dynamodb.ts'
import type { Session } from './session.ts'
import { replayQuotes } from './quotes-replay.ts'
import { oneLine } from '../../client/terminal-text.ts'
import { plainTable } from '../../client/plain-table.ts'

/** Differences that are printed; `--json` has all. */
const SHOWN_MAX = 20

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** What it is doing, for a person who waits. */
  readonly progress: (text: string) => void
  readonly show: Session['show']
}

/** `quotes replay`. */
export function quoteCommands({ env, progress, show }: Surroundings): Command {
  const quotes = new Command('quotes').description('quotes, where they are event-sourced')
  withWhere(quotes.command('replay'), env)
    .description(
      'makes every read model again from the stored events, in fresh tables, and compares it with the present one',
    )
    .option('--keep', 'keep the fresh tables')
    .action(async ({ keep = false, ...where }: WhereOptions & { keep?: boolean }) => {
      const { events, streams, rows, differences, tables } = await replayQuotes({ ...tablesAt(where), keep, progress })
      show({ events, streams, rows, differences, tables }, () =>
        [
          `${events} events of ${streams} quotes`,
          '',
          plainTable(
            ['READ MODEL', 'REBUILT', 'PRESENT', 'DIFFERENCES'],
            (Object.keys(modelKeys) as Model[]).map(model => [
              model,
              rows[model].rebuilt,
              rows[model].present,
              differences.filter(difference => difference.model === model).length,
            ]),
          ),
          ...(differences.length > 0 ? ['', ...differences.slice(0, SHOWN_MAX).map(sentence)] : []),
          ...(differences.length > SHOWN_MAX ? [`and ${differences.length - SHOWN_MAX} more: --json has all`] : []),
          ...(keep ? ['', `kept: ${tables.join(', ')}`] : []),
        ].join('\n'),
      )
      if (differences.length === 0) return
      progress(`${differences.length} rows are not what their events say`)
      throw new CommanderError(1, 'recourse.differences', 'the read models differ')
    })
  return quotes
}

const sentence = ({ model, key, rebuilt, present }: Difference) =>
  `${model} ${oneLine(key)}: the events say ${JSON.stringify(rebuilt) ?? 'nothing'}, the table has ${JSON.stringify(present) ?? 'nothing'}`
