/** The pages of `docs/reference` against the code that they describe: nothing is missing, and what they name is there. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { buildCli } from '../../../bin/cli/program.ts'
import { problems } from '../../../lambdas/engine/catalog/problems.ts'
import { Settings } from '../../../lib/settings/schema.ts'
import { filesIn } from '../../support/markdown.ts'

const root = join(import.meta.dirname, '../../..')
const text = (path: string) => readFileSync(join(root, path), 'utf8')
const page = (name: string) => text(`docs/reference/${name}.md`)
const sources = (...folders: readonly string[]) => filesIn(root, folders, ['.ts']).map(text).join('\n')
const found = (source: string, pattern: RegExp) => [
  ...new Set([...source.matchAll(pattern)].map(([, what = '']) => what)),
]
/** What stands in backticks on a page. */
const named = (of: string) => new Set(found(of, /`([^`\n]+)`/g))
const missing = (all: readonly string[], on: ReadonlySet<string>) => all.filter(one => !on.has(one))

/** What belongs to everybody; a user's own services add to it. */
const ENGINE = ['lambdas/engine', 'lambdas/platform'] as const

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly default?: unknown
}

/** Each setting by its path, with its default. */
function settingsOf(schema: Schema, path: readonly string[] = []): [path: string, byDefault: unknown][] {
  return [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(({ properties = {} }) =>
    Object.entries(properties).flatMap(([name, inner]) => {
      const within = settingsOf(inner, [...path, name])
      return within.length > 0 ? within : [[[...path, name].join('.'), inner.default] as [string, unknown]]
    }),
  )
}

describe('docs/reference/settings.md', () => {
  const settings = settingsOf(z.toJSONSchema(Settings, { io: 'input', unrepresentable: 'any' }) as Schema)
  const rows = page('settings').split('\n')

  it('has every setting, and no other', () => {
    const all = new Set(settings.map(([path]) => path))
    expect(all.size).toBeGreaterThan(30)
    expect(missing([...all], named(page('settings')))).toEqual([])
    const group = [...new Set([...all].map(path => path.split('.')[0]))].join('|')
    const shown = found(page('settings'), new RegExp(`^\\|[^|]*\\|?.*?\`((?:${group})\\.\\w+)\``, 'gm'))
    expect(shown.filter(path => !all.has(path))).toEqual([])
  })

  it.each(settings.filter(([, byDefault]) => byDefault !== undefined))('has the default of %s', (path, byDefault) => {
    const of = rows.filter(row => row.includes(`\`${path}\``)).join('\n')
    expect(of).toContain(`\`${JSON.stringify(byDefault)}\``)
  })
})

describe('docs/reference/environment.md', () => {
  it('has every variable that is read', () => {
    const read = [
      ...found(
        sources('lambdas/engine', 'lambdas/platform', 'localstack/runtime', 'localstack/servers'),
        /process\.env\['(\w+)'\]/g,
      ),
      ...found(sources('bin/cli'), /\benv\['(\w+)'\]/g),
      // The schemas of variables: `  PORT: …`.
      ...[
        'lambdas/engine/adapters/lambda/environment.ts',
        'localstack/runtime/settings.ts',
        'localstack/docker/ports.ts',
      ].flatMap(path => found(text(path), /^ {2}([A-Z][A-Z_]+):/gm)),
    ].filter(name => name !== 'RECOURSE_PARENT')
    expect(read.length).toBeGreaterThan(20)
    expect(missing(read, named(page('environment')))).toEqual([])
  })
})

describe('docs/reference/errors.md', () => {
  const shown = named(page('errors'))

  it('has every code', () => {
    const codes = found(sources('lambdas'), /\bcode: ['`]([A-Z][A-Z_]+)['`]/g)
    expect(codes.length).toBeGreaterThan(8)
    expect(missing(codes, shown).filter(code => !/^(DYNAMODB|KAFKA)_/.test(code))).toEqual([])
    expect(missing(['KAFKA_AUTHENTICATION', 'KAFKA_CERTIFICATE', 'KAFKA_SECRET', 'KAFKA_SECRET_ARN'], shown)).toEqual(
      [],
    )
  })

  it('has every reason of a dead letter', () => {
    const union = /export type PoisonReason =([^]*?)\n\n/.exec(text('lambdas/engine/delivery/envelope.ts'))?.[1] ?? ''
    const reasons = found(union, /'(\w+)'/g)
    expect(reasons).toHaveLength(10)
    const record = text('lambdas/platform/dead-letters/dead-letter-record.ts')
    expect(missing([...reasons, ...found(record, /reason: '([A-Z_]+)'/g)], shown)).toEqual([])
  })

  it('has every problem with its status', () => {
    for (const [name, { status }] of Object.entries(problems))
      expect(page('errors')).toContain(`| \`${name}\` | ${status} |`)
  })
})

describe('docs/reference/observability.md', () => {
  const shown = named(page('observability'))

  it('has every log event of the engine and the platform', () => {
    const events = found(sources(...ENGINE), /\blog\.(?:info|warn|error)\(\s*'([a-z][\w.-]+)'/g)
    expect(events.length).toBeGreaterThan(15)
    expect(
      missing([...events, ...found(text('lambdas/engine/delivery/message-log.ts'), /'(message\.\w+)'/g)], shown),
    ).toEqual([])
  })

  it('has every metric of the engine and the platform', () => {
    const metrics = [
      ...found(sources(...ENGINE), /\.count\(\s*'(\w+)'/g),
      ...found(text('lambdas/engine/saga/measures.ts'), /'(sagas\w+|stepLatency|timeToTerminal)'/g),
    ]
    expect(metrics.length).toBeGreaterThan(12)
    expect(missing(metrics, shown)).toEqual([])
  })

  it('has every kind of alarm, with its page', () => {
    const alarms = [
      ...text('lib/observability/alarms.ts').matchAll(
        /name: ['`]([\w-]+)[^'`]*['`],\n\s*what:[^]*?runbook: '([\w-]+)'/g,
      ),
    ]
    expect(alarms.length).toBeGreaterThan(12)
    const rows = page('observability').split('\n')
    for (const [, name = '', runbook = ''] of alarms) {
      const row = rows.find(line => line.startsWith(`| \`${name}${name.endsWith('-') ? '<name>' : ''}\` |`))
      expect(row, name).toContain(`](../runbooks/${runbook}.md)`)
    }
  })
})

describe('docs/reference/cli.md', () => {
  const shown = page('cli')

  it('has every npm script', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: object }
    const said = (name: string) => (name === 'start' || name === 'test' ? `npm ${name}` : `npm run ${name}`)
    expect(Object.keys(scripts).filter(name => !shown.includes(`\`${said(name)}\``))).toEqual([])
  })

  it('is the only place for a script: no page tells of one that is not there', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: object }
    const pages = filesIn(root, ['.'], ['.md']).filter(path => path !== 'CHANGELOG.md')
    const wrong = pages.flatMap(path =>
      found(text(path), /npm run (?:--silent )?([a-z][\w:-]*)/g)
        .filter(name => !Object.hasOwn(scripts, name))
        .map(name => `${path}: npm run ${name}`),
    )
    expect(wrong).toEqual([])
  })

  it('has every command of the command line', async () => {
    const help = async (...args: readonly string[]) => {
      const lines: string[] = []
      await buildCli({ env: {}, out: line => lines.push(line), err: line => lines.push(line) })([...args, '--help'])
      return found(/Commands:\n([^]*)/.exec(lines.join('\n'))?.[1] ?? '', /^ {2}([a-z-]+)/gm).filter(
        name => name !== 'help',
      )
    }
    const groups = await help()
    expect(groups).toContain('dead-letters')
    for (const group of groups) {
      const inner = await help(group)
      const commands = inner.length > 0 ? inner.map(name => `${group} ${name}`) : [group]
      expect(commands.filter(command => !shown.includes(`\`${command}`))).toEqual([])
    }
  })
})
