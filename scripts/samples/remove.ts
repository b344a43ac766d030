/**
 * `npm run samples:remove`: takes the sample domains, orders and quoting, out of the repository, and says what it did and
 * what is left to do. It begins only where nothing of yours stands on them. There is no way back but git's.
 */
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { formatted } from '../new/write.ts'
import { catalogWithout } from './catalog-without.ts'
import { askedFor, takeOutOfLocks } from './locks.ts'
import { pageWithout } from './pages.ts'
import { standingOn } from './standing-on.ts'
import { GOES, WITHOUT } from './what-goes.ts'

const root = join(import.meta.dirname, '../..')
const CATALOG = 'lambdas/catalog.ts'
const CONFIG = 'lib/config.ts'
const NOT_OURS = new Set(['node_modules', '.git', '.cache', 'dist', 'cdk.out'])

const { dryRun = false } = new Command('samples:remove')
  .description('Takes the sample domains, orders and quoting, out of the repository.')
  .option('--dry-run', 'change nothing, and say what would go')
  .parse()
  .opts<{ dryRun?: boolean }>()

const files = filesIn('')
const goes = (path: string) => GOES.some(one => path === one || (one.endsWith('/') && `${path}/`.startsWith(one)))
const text = (path: string) => readFileSync(join(root, path), 'utf8')
const write = (path: string, content: string) => writeFileSync(join(root, path), content)

const listed = new Set(files.filter(goes))
const code = new Map(files.filter(file => /\.(ts|mjs)$/.test(file)).map(file => [file, text(file)]))
const along = standingOn(listed, code, new Set([CATALOG, ...Object.keys(WITHOUT)]))
const yours = [...along].filter(([path]) => !path.startsWith('test/'))

if (listed.size === 0) stop('there is nothing of the samples here')
else if (yours.length > 0)
  stop(
    `nothing was changed, as what follows stands on the samples: take it out of them, or out of the repository, first\n${yours
      .map(([path, of]) => `  ${path} imports ${of}`)
      .join('\n')}`,
  )
else if (dryRun) tell([...listed, ...along.keys()].map(path => `would go  ${path}`))
else remove()

function remove(): void {
  const before = askedFor(root)
  const gone = new Set([...listed, ...along.keys()])
  const isGone = (path: string) => gone.has(path) || goes(path.replace(/\/$/, ''))
  const catalog = formatted(root, CATALOG, catalogWithout(text(CATALOG), isGone))
  for (const path of gone) rmSync(join(root, path))
  for (const folder of foldersOf(gone))
    if (readdirSync(join(root, folder)).length === 0) rmSync(join(root, folder), { recursive: true })
  write(CATALOG, catalog)
  for (const [path, content] of Object.entries(WITHOUT)) write(path, content)
  // What the samples' functions read from their environment.
  write(
    CONFIG,
    text(CONFIG).replaceAll(/\n *environment: \{ PAYMENT_PROVIDER_URL: '[^']*', PREMIUM_MAX: '[^']*' \},/g, ''),
  )
  const commands = withoutCommands(gone)
  const there = new Set([...files, ...files.flatMap(foldersAbove)])
  const without = {
    path: (path: string) => there.has(path.replace(/\/$/, '')) && !existsSync(join(root, path)),
    command: (name: string) => commands.includes(name),
  }
  const pages = files.filter(file => file.endsWith('.md') && !gone.has(file))
  const changed = pages.filter(page => {
    const asWritten = page === 'CHANGELOG.md' || page.startsWith('docs/adr/')
    const now = pageWithout(page, text(page), without, { asWritten })
    if (now === text(page)) return false
    write(page, now)
    return true
  })
  const locks = takeOutOfLocks(root, before, askedFor(root))
  tell([
    `out      ${listed.size} files of the samples`,
    ...[...along].map(([path, of]) => `out      ${path}, which stood on ${of}`),
    ...['lambdas/catalog.ts', CONFIG, ...Object.keys(WITHOUT)].map(path => `changed  ${path}`),
    `changed  package.json: ${commands.join(', ') || 'no commands'} out`,
    ...locks.map(line => `changed  ${line}`),
    ...changed.map(page => `changed  ${page}: what it said of files that are gone`),
    '',
    'Next:',
    '  npm run new -- saga <name>   # a domain of your own, if the catalog has none',
    '  npm run update               # documents, locks and snapshots: review the difference in git',
    '  npm test',
    'By hand: README.md and the pages of docs/ still tell of the samples, and their tables and topics stay in a stage that is deployed (docs/upgrades.md).',
  ])
}

/** npm's commands whose program is gone; their names. */
function withoutCommands(gone: ReadonlySet<string>): string[] {
  const program = JSON.parse(text('package.json')) as { scripts: Record<string, string> }
  const out = Object.entries(program.scripts).filter(([, line]) => gone.has(line.split(' ').at(-1) ?? ''))
  for (const [name] of out) delete program.scripts[name]
  write('package.json', `${JSON.stringify(program, undefined, 2)}\n`)
  return out.map(([name]) => name)
}

/** From the deepest up. */
function foldersOf(paths: ReadonlySet<string>): string[] {
  const folders = new Set([...paths].flatMap(foldersAbove))
  return [...folders].filter(folder => existsSync(join(root, folder))).toSorted((a, b) => b.length - a.length)
}

function foldersAbove(path: string): string[] {
  const end = path.lastIndexOf('/')
  return end < 0 ? [] : [path.slice(0, end), ...foldersAbove(path.slice(0, end))]
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap(name => {
    const path = folder === '' ? name : `${folder}/${name}`
    if (NOT_OURS.has(name)) return []
    return statSync(join(root, path)).isDirectory() ? filesIn(path) : [path]
  })
}

function tell(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

function stop(why: string): void {
  process.stderr.write(`recourse: ${why}\n`)
  process.exitCode = 1
}
