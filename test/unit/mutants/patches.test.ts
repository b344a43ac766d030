import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { expect, test } from 'vitest'
import { root } from '../../mutants/copy.ts'
import { mutants } from '../../mutants/list.ts'
import type { Mutant } from '../../mutants/mutant.ts'
import { patched } from '../../mutants/tree/apply.ts'
import { Sources } from '../../mutants/tree/sources.ts'
import { nodesOf, parse } from '../../mutants/tree/syntax.ts'

const sources = await Sources.under(root)

test('every mutant has a name of its own, a world to show in, and patches that apply', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  for (const { name, patches, worlds } of mutants) {
    expect(name).toMatch(/^[a-z0-9-]+$/)
    expect(worlds.length, name).toBeGreaterThan(0)
    expect(changedBy({ name, patches }, sources).length, name).toBeGreaterThan(0)
  }
})

test('each delivery rule and each quoting rule has a mutant, and there are eight more', () => {
  const rules = new Set(mutants.map(({ rule }) => rule))
  for (let n = 1; n <= 10; n++) expect(rules).toContain(`delivery ${n}`)
  for (let n = 1; n <= 8; n++) expect(rules).toContain(`quoting ${n}`)
  expect(mutants.filter(({ rule }) => !/^(delivery|quoting) \d/.test(rule)).length).toBeGreaterThanOrEqual(8)
})

test('every mutant takes the same out of sources that are formatted otherwise', async () => {
  const reformatted = await formattedOtherwise()
  for (const mutant of mutants)
    for (const [file, text] of changedBy(mutant, sources)) {
      expect(reformatted.textOf(file), file).not.toBe(sources.textOf(file))
      const other = patched(reformatted, mutant.patches, mutant.name)
      expect(await printed(other.textOf(file)), mutant.name).toBe(await printed(text))
    }
})

test('every mutant applies where each declaration has a file of its own, in another folder', () => {
  const split = new Sources(new Map([...sources.texts].flatMap(([file, text]) => splitUp(file, text))))
  for (const mutant of mutants) expect(changedBy(mutant, split).length, mutant.name).toBeGreaterThan(0)
})

test('a mutant whose pattern has metavariables survives that its locals are renamed', async () => {
  const mutant = mutants.find(({ name }) => name === 'two-commands-a-commit') as Mutant
  const [[file, text]] = changedBy(mutant, sources) as [[string, string]]
  const rename = (one: string) => one.replaceAll(/\bdraft\b/g, 'underWay').replaceAll(/\bs\b/g, 'sent')
  const renamed = sources.with(file, rename(sources.textOf(file)))
  expect(await printed(patched(renamed, mutant.patches, mutant.name).textOf(file))).toBe(await printed(rename(text)))
})

function changedBy({ name, patches }: Pick<Mutant, 'name' | 'patches'>, from: Sources) {
  return [...patched(from, patches, name).texts].filter(([file, text]) => text !== from.textOf(file))
}

/** Without types and comments, in esbuild's own layout. */
async function printed(text: string) {
  return (await transform(text, { loader: 'ts', minifyWhitespace: true, minifySyntax: true })).code
}

/** Another width, other quotes, semicolons, parentheses. */
async function formattedOtherwise() {
  const folder = await mkdtemp(join(tmpdir(), 'recourse-format-'))
  try {
    await cp(join(root, 'lambdas'), join(folder, 'lambdas'), { recursive: true })
    await writeFile(
      join(folder, 'biome.json'),
      JSON.stringify({ formatter: LAYOUT, javascript: { formatter: SCRIPT } }),
    )
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
    execFileSync(process.execPath, [biome, 'format', '--write', '.'], { cwd: folder, stdio: 'pipe' })
    return await Sources.under(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
const LAYOUT = { indentStyle: 'tab', lineWidth: 60 }
const SCRIPT = {
  quoteStyle: 'double',
  semicolons: 'always',
  arrowParentheses: 'always',
  trailingCommas: 'none',
  bracketSpacing: false,
}

/** A file for each statement of one, with what the others had said. */
function splitUp(file: string, text: string): [string, string][] {
  const statements = nodesOf(parse(text)?.['body']).map(({ start, end }) => text.slice(start, end))
  const names = [...text.matchAll(/^(?:export )?(?:async )?(?:function|const|class|let) (\w+)/gm)].map(
    ([, name]) => name,
  )
  const imports = statements.filter(statement => statement.startsWith('import '))
  return statements
    .filter(statement => !imports.includes(statement))
    .map((statement, i) => [
      `lambdas/split/${file.replaceAll('/', '-')}/${i}.ts`,
      [
        ...imports,
        `import { ${names.filter(name => !statement.includes(`${name}`)).join(', ')} } from './others.ts'`,
        statement,
      ].join('\n'),
    ])
}
