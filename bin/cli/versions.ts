/** `sagas versions`: which versions of which definition still have running sagas, and whether one may be removed. */
import { join } from 'node:path'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { dynamoDbStore } from '#engine/adapters/dynamodb/store.ts'
import { everyChosen } from '#engine/catalog/choices.ts'
import { sagaNamesOf } from '#engine/catalog/catalog.ts'
import type { Log } from '#engine/model/ports.ts'
import { countRunning, OPEN_STATUSES, type RunningVersion, sumOf } from '#engine/saga/running-versions.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { catalogFor, choices } from '../../lambdas/catalog.ts'
import { readLock } from '../../scripts/sagas/lock-file.ts'
import { ApiError } from '../../client/api-client.ts'
import { clientAt, readable, type TablesAt, tablesAt, type WhereOptions, withWhere } from './dynamodb.ts'
import type { Session } from './session.ts'
import { oneLine } from '../../client/terminal-text.ts'
import { plainTable } from '../../client/plain-table.ts'

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** What it has to say beside its answer. */
  readonly progress: (text: string) => void
  readonly show: Session['show']
}

interface SagaVersion {
  readonly saga: string
  readonly version: number
}

/** A version with its running sagas. `listed`: this checkout's catalog has it. */
interface VersionRow extends SagaVersion, Pick<RunningVersion, 'counts' | 'examples'> {
  readonly running: number
  readonly listed: boolean
}

const root = join(import.meta.dirname, '../..')
const catalogs = everyChosen(choices).map(catalogFor)
/** What this checkout's catalog lists. */
const listed: readonly SagaVersion[] = catalogs.flatMap(({ domains }) =>
  domains.flatMap(({ sagas }) => sagas.map(({ name, version }) => ({ saga: name, version }))),
)

/** `sagas versions`, and with `--remove` the check that goes before a version is taken out of the catalog. */
export function versionsCommand({ env, progress, show }: Surroundings): Command {
  const command = new Command('versions')
    .description('counts the running sagas of each version of each definition')
    .option(
      '--remove <saga@version>',
      'ask whether this version may be removed: exit code 1 while sagas run it',
      readSagaVersion,
    )
  return withWhere(command, env).action(async ({ remove, ...where }: { remove?: SagaVersion } & WhereOptions) => {
    const tables = tablesAt(where)
    if (!remove) {
      const rows = await readVersions(tables, [...new Set(catalogs.flatMap(sagaNamesOf))])
      return show(rows, () => tableOf(rows))
    }
    await requireKnown(remove)
    const rows = await readVersions(tables, [remove.saga])
    const row = rows.find(({ version }) => version === remove.version) ?? { ...remove, ...none, listed: false }
    const answer = sentence(row)
    show({ ...row, removable: row.running === 0, why: answer }, () => answer)
    if (row.running === 0) return
    progress(`${idOf(remove)} must stay`)
    throw new CommanderError(1, 'recourse.running', answer)
  })
}

/** A name that is misspelt has no running sagas either. What is not listed any more is still locked. */
async function requireKnown({ saga }: SagaVersion): Promise<void> {
  const locked = Object.keys(await readLock(root)).map(id => id.slice(0, id.lastIndexOf('@')))
  const known = [...new Set([...listed.map(each => each.saga), ...locked])]
  if (!known.includes(saga))
    throw new ApiError(`Neither the catalog nor saga.lock.json knows a saga '${saga}', only ${known.join(', ')}`, 0)
}

const none = { counts: { RUNNING: 0, COMPENSATING: 0, STUCK: 0 }, examples: [], running: 0 }

async function readVersions(where: TablesAt, sagas: readonly string[]): Promise<VersionRow[]> {
  const client = clientAt(where)
  try {
    const store = dynamoDbStore({
      client,
      log: silent,
      tables: { [sagasTable.name]: { physicalName: `${where.prefix}${sagasTable.name}`, table: sagasTable } },
    })
    const rows = await Promise.all(sagas.map(async saga => rowsOf(saga, await countRunning(store, saga))))
    return rows.flat()
  } catch (error) {
    throw readable(error, where, 'There is no table of sagas: start the system, or name a --stage that is deployed')
  } finally {
    client.destroy()
  }
}

/** What is listed or still runs, the latest version first. */
function rowsOf(saga: string, running: readonly RunningVersion[]): VersionRow[] {
  const inCatalog = new Set(listed.filter(each => each.saga === saga).map(({ version }) => version))
  const versions = new Set([...inCatalog, ...running.map(({ version }) => version)])
  return [...versions]
    .toSorted((a, b) => b - a)
    .map(version => {
      const found = running.find(each => each.version === version)
      return {
        saga,
        version,
        ...(found ? { counts: found.counts, examples: found.examples, running: sumOf(found) } : none),
        listed: inCatalog.has(version),
      }
    })
}

const tableOf = (rows: readonly VersionRow[]) =>
  plainTable(
    ['SAGA', 'VERSION', ...OPEN_STATUSES, 'IN ALL', ''],
    rows.map(({ saga, version, counts, running, listed }) => [
      saga,
      version,
      ...OPEN_STATUSES.map(status => counts[status]),
      running,
      listed ? '' : 'not in this catalog: list it again, its sagas cannot go on without it',
    ]),
  )

function sentence({ saga, version, counts, running, examples }: VersionRow): string {
  const id = idOf({ saga, version })
  if (running > 0) {
    const each = OPEN_STATUSES.filter(status => counts[status] > 0).map(status => `${counts[status]} ${status}`)
    const shown = examples.map(oneLine).join(', ')
    const some = examples.length < running ? `${shown}, …` : shown
    return `${id} has ${running} running ${running === 1 ? 'saga' : 'sagas'} (${each.join(', ')}): keep it in the catalog and in its handler until none is left. Now there ${running === 1 ? 'is' : 'are'} ${some}`
  }
  return isLatest({ saga, version })
    ? `${id} has no running saga. But new ones begin with it, as the catalog lists none that is later: deploy that first, and ask again`
    : `${id} has no running saga: it may be removed from the catalog and from its handler`
}

const isLatest = ({ saga, version }: SagaVersion) => {
  const versions = listed.filter(each => each.saga === saga).map(each => each.version)
  return versions.includes(version) && version === Math.max(...versions)
}

const idOf = ({ saga, version }: SagaVersion) => `${saga}@${version}`

function readSagaVersion(text: string): SagaVersion {
  const [, saga, version] = /^([A-Za-z][A-Za-z0-9-]{0,63})@([1-9]\d{0,8})$/.exec(text) ?? []
  if (saga === undefined) throw new InvalidArgumentError('Write it as <saga>@<version>, for example order@1.')
  return { saga, version: Number(version) }
}

/** What cannot be read is thrown, and told then. */
const silent: Log = { info: () => {}, warn: () => {}, error: () => {}, count: () => {}, measure: () => {} }
