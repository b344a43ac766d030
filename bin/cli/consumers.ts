import { Command } from 'commander'
import { ApiError } from '../../client/api-client.ts'
import { plainTable } from '../../client/plain-table.ts'
import { oneLine } from '../../client/terminal-text.ts'
import type { Session } from './session.ts'

/** One topic of one consumer. */
interface Consumer {
  readonly consumer: string
  readonly topic: string
  readonly failingSince?: string
  readonly lastError?: string
  readonly blockedRecord?: { readonly topic: string; readonly partition: number; readonly offset: number }
}

/** Characters of an error in a list, and where one consumer is shown. */
const LISTED_MAX = 100
const SHOWN_MAX = 1000

/** `consumers list|show`. */
export function consumerCommands(open: () => Promise<Session>): Command {
  const consumers = new Command('consumers').description('the functions that read topics: which of them fail, and why')
  consumers
    .command('list')
    .description('lists them by the topics that they read, failing or not')
    .action(async () => list(await open()))
  consumers
    .command('show')
    .argument('<name>')
    .description('shows one with all that it last failed with')
    .action(async (name: string) => show(await open(), name))
  return consumers
}

async function list(session: Session): Promise<void> {
  const items = await read(session)
  session.show({ items }, () =>
    plainTable(
      ['CONSUMER', 'TOPIC', 'FAILING SINCE', 'RECORD', 'LAST ERROR'],
      items.map(({ consumer, topic, failingSince, blockedRecord, lastError }) => [
        consumer,
        topic,
        failingSince,
        blockedRecord && `partition ${blockedRecord.partition}, offset ${blockedRecord.offset}`,
        lastError && lastError.slice(0, LISTED_MAX),
      ]),
    ),
  )
}

async function show(session: Session, name: string): Promise<void> {
  const all = await read(session)
  const items = all.filter(({ consumer }) => consumer === name)
  if (items.length === 0)
    throw new ApiError(
      `There is no consumer ${oneLine(name)}: there are ${[...new Set(all.map(({ consumer }) => consumer))].join(', ')}`,
      0,
    )
  session.show({ items }, () => plainTable([], [['consumer', name], ...items.flatMap(rowsOf)]))
}

const rowsOf = ({ topic, failingSince, blockedRecord, lastError }: Consumer): [string, string][] => [
  ['topic', topic],
  ['failing since', failingSince ?? 'it does not fail'],
  ...((blockedRecord
    ? [['record', `partition ${blockedRecord.partition}, offset ${blockedRecord.offset}`]]
    : []) satisfies [string, string][]),
  ...((lastError === undefined ? [] : [['last error', lastError.slice(0, SHOWN_MAX)]]) satisfies [string, string][]),
]

const read = async ({ api }: Session) => ((await api({ path: '/consumers' })).body as { items: Consumer[] }).items
