import { Command, InvalidArgumentError } from 'commander'
import { readTime as readTimeOf } from '#engine/model/time.ts'
import { sleep } from '../../localstack/runtime/sources/sleep.ts'
import { pathOf } from '../../client/path.ts'
import type { Session } from './session.ts'
import { plainTable } from '../../client/plain-table.ts'

interface Letter {
  readonly id: string
  readonly topic: string
  readonly reason: string
  readonly error: string
  readonly key: string | null
  readonly at: string
  readonly consumer: string
  readonly attempts: number
  readonly status: string
}
interface Saga {
  readonly saga: string
  readonly id: string
  readonly status: string
  readonly step: string
}
interface OfSaga {
  readonly saga?: Saga
  readonly warning?: string
}
interface Detail extends Letter, OfSaga {
  readonly partition: number
  readonly offset: number
  readonly messageId: string
  readonly type?: string
  readonly value: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly decisions: readonly { readonly status: string; readonly by: string; readonly reason: string; at: string }[]
}
interface Redriven {
  readonly redriven: number
  readonly passed: number
  readonly left: number
  readonly warnings: readonly (OfSaga & { readonly id: string; readonly warning: string })[]
  readonly passedOver: readonly { readonly id: string; readonly saga?: Saga; readonly why: string }[]
  readonly cursor?: string
}

interface Surroundings {
  /** As an operator. */
  readonly open: () => Promise<Session>
  /** What it is doing, for a person who waits. */
  readonly progress: (text: string) => void
}

/** Records a second that a redrive sends back, unless told. */
const RATE = 50
/** Records of one request, at most. */
const PAGE_MAX = 100
const VALUE_SHOWN_MAX = 2000
/** What the API counts to. */
const COUNT_MAX = 1000

/** `dead-letters list|show|redrive|discard`. */
export function deadLetterCommands({ open, progress }: Surroundings): Command {
  const letters = new Command('dead-letters').description('records that nobody could handle: see them, send them back')
  letters
    .command('list')
    .description('lists them, newest first')
    .option('--topic <topic>', 'only those of this topic')
    .option('--status <status>', 'only WAITING, REDRIVEN or DISCARDED')
    .option('--limit <count>', 'how many, at most 100', readCount(PAGE_MAX), 20)
    .option('--cursor <cursor>', 'goes on where the last list ended')
    .action(async (options: ListOptions) => list(await open(), options))
  letters
    .command('show')
    .argument('<id>')
    .description('shows one with its bytes, where it came from, and what its saga looks like now')
    .action(async (id: string) => show(await open(), id))
  const redrive = letters.command('redrive')
  redrive
    .argument('[id]', 'one; left out: all of --topic, or --all')
    .description('sends records back to their topics, under the ids that they had')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--topic <topic>', 'those of this topic that wait')
    .option('--all', 'those of every topic that wait')
    .option('--only-reason <reason>', 'only what is dead for this reason: INVALID')
    .option('--only-consumer <name>', 'only what this consumer gave up on')
    .option('--from <time>', 'only what came at this time (ISO 8601) or later', readTime)
    .option('--to <time>', 'only what came at this time (ISO 8601) or before', readTime)
    .option('--rate <count>', 'records a second, at most', readCount(1000), RATE)
    .action(async (id: string | undefined, options: RedriveOptions) => {
      if ((id === undefined ? 0 : 1) + (options.topic === undefined ? 0 : 1) + (options.all ? 1 : 0) !== 1)
        redrive.error('error: give one of <id>, --topic <topic> and --all')
      if (id === undefined) return redriveMany(await open(), options, progress)
      await decide(await open(), id, 'redrive', options.reason)
    })
  letters
    .command('discard')
    .argument('<id>')
    .description('sets one aside')
    .requiredOption('--reason <text>', 'why, for the record')
    .action(async (id: string, { reason }: { reason: string }) => decide(await open(), id, 'discard', reason))
  return letters
}

interface ListOptions {
  readonly topic?: string
  readonly status?: string
  readonly limit: number
  readonly cursor?: string
}

async function list({ api, show }: Session, { topic, status, limit, cursor }: ListOptions): Promise<void> {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(topic !== undefined && { topic }),
    ...(status !== undefined && { status }),
    ...(cursor !== undefined && { cursor }),
  })
  const page = (await api({ path: `/dead-letters?${query.toString()}` })).body as { items: Letter[]; cursor?: string }
  show(page, () =>
    page.items.length === 0
      ? 'no dead letters'
      : [
          plainTable(
            ['ID', 'TOPIC', 'REASON', 'KEY', 'AT', 'CONSUMER', 'STATUS'],
            page.items.map(({ id, topic, reason, key, at, consumer, status }) => [
              id,
              topic,
              reason,
              short(key ?? ''),
              at,
              consumer,
              status,
            ]),
          ),
          ...(page.cursor === undefined ? [] : ['', `there are more: --cursor ${page.cursor}`]),
        ].join('\n'),
  )
}

async function show({ api, show }: Session, id: string): Promise<void> {
  const letter = (await api({ path: pathOf('dead-letters', id) })).body as Detail
  const { value, headers, decisions } = letter
  show(letter, () =>
    [
      plainTable(
        [],
        [
          ['id', letter.id],
          ['status', letter.status],
          ['reason', `${letter.reason}: ${short(letter.error)}`],
          ['came from', `${letter.topic}, partition ${letter.partition}, offset ${letter.offset}`],
          ['consumer', `${letter.consumer || 'not said'}, ${letter.attempts} attempts`],
          ['at', letter.at],
          ['key', short(letter.key ?? 'none')],
          ['message', short([letter.type ?? 'no type', letter.messageId].join(' '))],
          ...sagaRows(letter),
          ...Object.entries(headers).map(([name, text]) => [`header ${name}`, short(text)]),
          ...decisions.map(({ status, by, reason, at }) => [
            status.toLowerCase(),
            `by ${by} at ${at}: ${short(reason)}`,
          ]),
        ],
      ),
      '',
      value === null ? 'no value' : cut(value),
    ].join('\n'),
  )
}

async function decide({ api, show }: Session, id: string, what: 'redrive' | 'discard', reason: string): Promise<void> {
  const { body } = await api({ method: 'POST', path: `${pathOf('dead-letters', id)}/${what}`, body: { reason } })
  const letter = body as Letter & OfSaga
  show(letter, () =>
    [
      what === 'redrive' ? `${letter.id} goes back to ${letter.topic}` : `${letter.id} is set aside`,
      ...sagaRows(letter).map(([name, text]) => `${name}: ${text}`),
    ].join('\n'),
  )
}

interface RedriveOptions {
  readonly reason: string
  readonly topic?: string
  readonly all?: true
  readonly onlyReason?: string
  readonly onlyConsumer?: string
  readonly from?: string
  readonly to?: string
  readonly rate: number
}

/** A second's worth a request, and a request a second. */
async function redriveMany(
  { api, show }: Session,
  { reason, topic, all, onlyReason, onlyConsumer, from, to, rate }: RedriveOptions,
  progress: (text: string) => void,
): Promise<void> {
  const only = {
    ...(onlyReason !== undefined && { reason: onlyReason }),
    ...(onlyConsumer !== undefined && { consumer: onlyConsumer }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }
  const limit = Math.min(rate, PAGE_MAX)
  const asked = { reason, ...(topic === undefined ? { all } : { topic }), only, limit }
  const sum = {
    redriven: 0,
    passed: 0,
    warnings: [] as Redriven['warnings'][number][],
    passedOver: [] as Redriven['passedOver'][number][],
  }
  let cursor: string | undefined
  do {
    const { body } = await api({
      method: 'POST',
      path: '/dead-letters/redrive',
      body: { ...asked, ...(cursor !== undefined && { cursor }) },
    }).catch((error: unknown) => {
      if (cursor !== undefined) progress(`stopped after ${sum.redriven}: the same command goes on with what waits`)
      throw error
    })
    const page = body as Redriven
    sum.redriven += page.redriven
    sum.passed += page.passed
    sum.warnings.push(...page.warnings)
    sum.passedOver.push(...page.passedOver)
    for (const { id, warning } of page.warnings) progress(`${id}: ${warning}`)
    for (const { id, why } of page.passedOver) progress(`${id}: passed over, ${why}`)
    cursor = page.cursor
    if (cursor === undefined) continue
    progress(`redriven ${sum.redriven}, ${page.left >= COUNT_MAX ? `at least ${COUNT_MAX}` : page.left} to look at`)
    await sleep((limit / rate) * 1000)
  } while (cursor !== undefined)
  show(sum, () =>
    [
      `redriven: ${sum.redriven}`,
      ...(sum.passed > 0 ? [`left as they are: ${sum.passed}`] : []),
      ...(sum.passedOver.length > 0
        ? [`of these, commands that their sagas do not wait for: ${sum.passedOver.length} (discard them)`]
        : []),
      ...(sum.warnings.length > 0 ? [`with a warning: ${sum.warnings.length}`] : []),
    ].join('\n'),
  )
}

const sagaRows = ({ saga, warning }: OfSaga): [string, string][] => [
  ...(saga
    ? ([['saga', `${saga.saga} ${saga.id} is ${saga.status} at ${saga.step}`]] satisfies [string, string][])
    : []),
  ...(warning === undefined ? [] : ([['warning', warning]] satisfies [string, string][])),
]

const CELL_SHOWN_MAX = 200
const short = (text: string) => text.slice(0, CELL_SHOWN_MAX)
const cut = (text: string) =>
  text.length <= VALUE_SHOWN_MAX
    ? text
    : `${text.slice(0, VALUE_SHOWN_MAX)}\n… ${text.length - VALUE_SHOWN_MAX} more characters: --json has all`

function readCount(most: number): (text: string) => number {
  return text => {
    const count = /^\d{1,4}$/.test(text) ? Number(text) : 0
    if (count < 1 || count > most) throw new InvalidArgumentError(`It is a whole number from 1 to ${most}.`)
    return count
  }
}

function readTime(text: string): string {
  const ms = readTimeOf(text)
  if (ms === undefined) throw new InvalidArgumentError('Write it as 2026-11-21T18:00:00Z.')
  return new Date(ms).toISOString()
}
