import { Command, InvalidArgumentError } from 'commander'
import { everyChosen } from '#engine/catalog/choices.ts'
import type { Clock } from '#engine/model/ports.ts'
import { mermaid } from '#engine/saga/saga-diagram.ts'
import { catalogFor, choices } from '../../lambdas/catalog.ts'
import { ApiError } from '../../client/api-client.ts'
import { pathOf } from '../../client/path.ts'
import type { Session } from './session.ts'
import { plainTable } from '../../client/plain-table.ts'

interface Summary {
  readonly saga: string
  readonly id: string
  readonly status: string
  readonly step: string
  readonly updatedAt: string
}
interface Saga extends Summary {
  readonly version: number
  readonly reason?: string
  readonly waitingFor?: string
  readonly attempt: number
  readonly wakesAt?: string
  readonly deadlineAt: string
  readonly lastError?: string
  readonly deadLetters?: readonly string[]
  readonly timeline: readonly Line[]
}
interface Line {
  readonly at: string
  readonly step: string
  readonly what: string
  readonly ledTo: string
  readonly messageId: string
  readonly by?: string
  readonly reason?: string
}

/** Seconds that `--wait` waits for a saga to move on. */
const WAIT_SECONDS = 20
const LOOK_EVERY_MS = 500

/** `sagas list`, `show`, `retry`, `abort`, `resolve` and `diagram`. All but the last ask the API, as an operator. */
export function sagaCommands(open: () => Promise<Session>, show: Session['show'], clock: Clock): Command {
  const sagas = new Command('sagas').description('see what sagas do, and lead on those that cannot go on')
  sagas
    .command('list')
    .description('lists sagas, STUCK ones first')
    .option('--saga <name>', 'of this kind')
    .option('--status <status>', 'STUCK, COMPENSATING, RUNNING, ABORTED or COMPLETED')
    .option('--older-than <duration>', 'that began longer ago: 10m, 2h, 3d', readDuration)
    .option('--limit <n>', 'how many at most', readLimit, 100)
    .action(async (options: ListOptions) => list(await open(), clock, options))
  sagas
    .command('show')
    .argument('<saga>')
    .argument('<id>')
    .description('shows a saga with its timeline')
    .action(async (saga: string, id: string) => {
      const session = await open()
      const { body } = await session.api({ path: pathOf('sagas', saga, id) })
      session.show(body, () => describe(body as Saga))
    })
  const actions: readonly [kind: Action, description: string][] = [
    ['retry', 'sends the command that it waits for once more'],
    ['abort', 'gives it up and undoes what was done; before its point of no return'],
    ['resolve', 'says what the missing reply was'],
  ]
  for (const [kind, description] of actions) {
    const command = sagas
      .command(kind)
      .argument('<saga>')
      .argument('<id>')
      .description(description)
      .requiredOption('--reason <text>', 'why, for the timeline')
      .option('--wait', `waits until the saga moves on, at most ${WAIT_SECONDS} s`)
    if (kind === 'resolve')
      command
        .requiredOption('--outcome <outcome>', 'done or refused', readOutcome)
        .option('--reply <json>', 'the data of the missing reply', readJson)
    command.action(async (saga: string, id: string, options: ActOptions) =>
      act(await open(), clock, { kind, saga, id, ...options }),
    )
  }
  sagas
    .command('diagram')
    .argument('<saga>')
    .description('prints a saga as a Mermaid state diagram')
    .action((saga: string) => {
      const known = everyChosen(choices).flatMap(chosen => catalogFor(chosen).domains.flatMap(domain => domain.sagas))
      const definition = known.filter(({ name }) => name === saga).sort((a, b) => b.version - a.version)[0]
      if (!definition)
        throw new ApiError(
          `There is no saga ${saga}: there are ${[...new Set(known.map(({ name }) => name))].join(', ')}`,
          0,
        )
      const diagram = mermaid(definition)
      show({ saga, version: definition.version, diagram }, () => diagram.trimEnd())
    })
  return sagas
}

interface ListOptions {
  readonly saga?: string
  readonly status?: string
  /** Milliseconds. */
  readonly olderThan?: number
  readonly limit: number
}

async function list(
  { api, show }: Session,
  clock: Clock,
  { saga, status, olderThan, limit }: ListOptions,
): Promise<void> {
  const items: Summary[] = []
  // Once for all pages: a cursor is one of the query that it came from.
  const startedBefore = olderThan === undefined ? undefined : new Date(clock.now() - olderThan).toISOString()
  let cursor: string | undefined
  do {
    const query = new URLSearchParams({
      limit: String(Math.min(100, limit - items.length)),
      ...(saga !== undefined && { saga }),
      ...(status !== undefined && { status }),
      ...(startedBefore !== undefined && { startedBefore }),
      ...(cursor !== undefined && { cursor }),
    })
    const page = (await api({ path: `/sagas?${query.toString()}` })).body as { items: Summary[]; cursor?: string }
    items.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined && items.length < limit)
  show({ items, ...(cursor !== undefined && { cursor }) }, () =>
    [
      plainTable(
        ['SAGA', 'ID', 'STATUS', 'STEP', 'UPDATED'],
        items.map(({ saga, id, status, step, updatedAt }) => [saga, id, status, step, updatedAt]),
      ),
      ...(items.length === 0 ? ['there is none'] : []),
      ...(cursor === undefined ? [] : [`there are more: --limit ${limit * 2}`]),
    ].join('\n'),
  )
}

type Action = 'retry' | 'abort' | 'resolve'
interface ActOptions {
  readonly reason: string
  readonly wait?: boolean
  readonly outcome?: 'done' | 'refused'
  readonly reply?: Readonly<Record<string, unknown>>
}

async function act(
  { api, show }: Session,
  clock: Clock,
  { kind, saga, id, wait, ...body }: ActOptions & { kind: Action; saga: string; id: string },
): Promise<void> {
  const path = pathOf('sagas', saga, id)
  const before = ((await api({ path })).body as Saga).timeline.length
  const { body: accepted } = await api({ method: 'POST', path: `${path}/${kind}`, body })
  if (!wait)
    return show(accepted, () =>
      [`it is recorded, and the saga is told`, `see what comes of it: npm run cli -- sagas show ${saga} ${id}`].join(
        '\n',
      ),
    )
  for (let waited = 0; waited < WAIT_SECONDS * 1000; waited += LOOK_EVERY_MS) {
    const now = (await api({ path })).body as Saga
    if (now.timeline.length > before) return show(now, () => describe(now))
    await clock.sleep(LOOK_EVERY_MS)
  }
  throw new ApiError(
    `The saga ${saga} ${id} has not moved on within ${WAIT_SECONDS} s: is its orchestrator running?`,
    0,
  )
}

function describe(of: Saga): string {
  const fields: [string, string][] = [
    ['saga', `${of.saga} ${of.id} (version ${of.version})`],
    ['status', of.reason === undefined ? of.status : `${of.status} (${of.reason})`],
    ['step', of.step],
    ...(of.waitingFor === undefined
      ? []
      : [['waits for', `${of.waitingFor}, try ${of.attempt}`] satisfies [string, string]]),
    ...(of.wakesAt === undefined ? [] : [['late at', of.wakesAt] satisfies [string, string]]),
    ['deadline', of.deadlineAt],
    ...(of.lastError === undefined ? [] : [['error', of.lastError] satisfies [string, string]]),
    ...(of.deadLetters?.length ? [['dead letters', of.deadLetters.join(' ')] satisfies [string, string]] : []),
  ]
  const lines = of.timeline.map(({ at, step, what, ledTo, messageId, by, reason }) => [
    at,
    what,
    step === '' ? ledTo : `${ledTo} ${step}`,
    messageId,
    by === undefined ? '' : `${by}: ${reason ?? ''}`,
  ])
  return [plainTable([], fields), '', plainTable(['AT', 'HANDLED', 'LED TO', 'MESSAGE', 'BY'], lines)].join('\n')
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
function readDuration(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (number === undefined) throw new InvalidArgumentError('Write it as a number and s, m, h or d, for example 10m.')
  return Number(number) * (UNITS[unit] ?? 0)
}
function readLimit(text: string): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgumentError('It is a whole number from 1.')
  return limit
}
function readOutcome(text: string): 'done' | 'refused' {
  if (text !== 'done' && text !== 'refused') throw new InvalidArgumentError('It is done or refused.')
  return text
}
function readJson(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError(`Write it as a JSON object, for example '{"paymentId":"pay-1"}'.`)
}
