import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../../lib/bundling/bundle.ts'

/** Bundles as `npm start` makes them, and as a debugger reads them. */
const root = join(import.meta.dirname, '../..')
const entry = { name: 'sweeper', entry: 'lambdas/engine/saga/sweeper.ts' }
let text = ''
let map: SourceMapPayload
beforeAll(async () => {
  const outDir = mkdtempSync(join(tmpdir(), 'recourse-readable-'))
  const [made] = await bundle([entry], { auth: 'iam', readable: true, outDir })
  text = readFileSync(join(made?.folder ?? '', 'index.mjs'), 'utf8')
  map = JSON.parse(readFileSync(join(made?.folder ?? '', 'index.mjs.map'), 'utf8')) as SourceMapPayload
})

describe('a bundle to develop with', () => {
  it('is not minified, and names its map', () => {
    expect(text).toContain('function createSweeper(')
    expect(text.trimEnd().split('\n').at(-1)).toBe('//# sourceMappingURL=index.mjs.map')
  })

  it('names its sources from where they are, since CDK copies it elsewhere', () => {
    const files = map.sources.map(source => fileURLToPath(new URL((map.sourceRoot ?? '') + source)))
    expect(files).toContain(join(root, 'lambdas/engine/saga/sweeper.ts'))
    expect(files.filter(file => !existsSync(file))).toEqual([])
  })

  it('leads from a line of the bundle to the line that was written, where a breakpoint of it stops', () => {
    const lines = text.split('\n')
    const line = lines.findIndex(each => each.startsWith('function createSweeper('))
    const { originalSource, originalLine } = new SourceMap(map).findEntry(line, 0) as {
      originalSource: string
      originalLine: number
    }
    expect(originalSource).toMatch(/lambdas\/engine\/saga\/sweeper\.ts$/)
    const written = readFileSync(join(root, 'lambdas/engine/saga/sweeper.ts'), 'utf8').split('\n')
    expect(written[originalLine]).toContain('function createSweeper(')
  })
})
