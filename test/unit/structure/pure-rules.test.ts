/** Time, ids and randomness arrive as arguments in what decides: in services' rules, in sagas, in the engine's model. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../..')
/** What a decision may not ask for, and what it does instead. */
const forbidden: [RegExp, remedy: string][] = [
  [/\bnew Date\(\s*\)|\bDate\(\s*\)|\bDate\.now\b|\bperformance\.now\b/, 'take the time from `context.now`'],
  [
    /\brandomUUID\b|\brandomBytes\b|\bMath\.random\b|\bgetRandomValues\b/,
    "derive ids from the message's, such as its saga's id",
  ],
  [/\bprocess\.(env|hrtime|uptime)\b/, 'take settings as arguments: the handler reads them'],
  [/\bset(Timeout|Interval|Immediate)\b/, 'let the saga keep time, by `within` and `deadline`'],
]
/** What answers HTTP and what wires is no decision; ids and time come to it by ports. */
const isWiring = (file: string) => /\/(handler|http|api|routes|http-provider)\.ts$/.test(file)

const impureIn = (text: string): string[] => {
  const code = text.replaceAll(/\/\*[^]*?\*\/|(?<!:)\/\/.*$/gm, comment => comment.replaceAll(/[^\n]/g, ' '))
  return code.split('\n').flatMap((line, i) =>
    forbidden.flatMap(([pattern, remedy]) => {
      const found = pattern.exec(line)?.[0]
      return found === undefined ? [] : [`${i + 1}: ${found} gives another answer each time: ${remedy}`]
    }),
  )
}

describe('what decides', () => {
  const files = globSync(['lambdas/services/*/*.ts', 'lambdas/sagas/*/*.ts', 'lambdas/engine/model/*.ts'], {
    cwd: root,
  })
    .map(file => file.replaceAll('\\', '/'))
    .filter(file => !isWiring(file))

  it('is given time, ids and randomness', () => {
    expect(files.length).toBeGreaterThan(10)
    expect(
      files.flatMap(file => impureIn(readFileSync(join(root, file), 'utf8')).map(found => `${file}:${found}`)),
    ).toEqual([])
  })

  it.each([
    ['const at = new Date().toISOString()', 'new Date()'],
    ['const at = new Date( )', 'new Date( )'],
    ['const id = crypto.randomUUID()', 'randomUUID'],
    ["import { randomUUID as id } from 'node:crypto'", 'randomUUID'],
    ['if (Date.now() > 1) return', 'Date.now'],
    ["const max = process.env['MAX']", 'process.env'],
  ])('is refused with the line, and with what to do: %s', (line, found) => {
    expect(impureIn(`\n${line}\n`)).toEqual([expect.stringMatching(/^2: /)])
    expect(impureIn(line)[0]).toContain(found)
  })

  it('may turn a given time into a date, and speak of these in comments', () => {
    expect(impureIn('const at = new Date(context.now)\n// never new Date()\n/** nor\n * Math.random() */')).toEqual([])
  })
})
