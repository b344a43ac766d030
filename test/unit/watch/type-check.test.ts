import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTypeCheck } from '../../../localstack/watch/type-check.ts'
import { temporaryFolder } from '../runtime/temporary.ts'

describe('the check of types', () => {
  it('prints errors and their end, and a newer one ends the one before: one process at a time, none in the end', async () => {
    const root = temporaryFolder()
    symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(root, 'node_modules'))
    mkdirSync(join(root, 'code'))
    writeFileSync(join(root, 'tsconfig.json'), '{"compilerOptions":{"noEmit":true,"types":[]},"include":["code"]}')
    const write = (text: string) => writeFileSync(join(root, 'code/a.ts'), text)
    const said: string[] = []
    const check = createTypeCheck({ root, cache: join(root, 'cache'), say: line => said.push(line) })
    onTestFinished(() => check.stop())
    const running = () =>
      execFileSync('ps', ['-eo', 'stat=,args='], { encoding: 'utf8' })
        .split('\n')
        .filter(line => line.includes(root) && !line.startsWith('Z'))

    write('export const a: string = 1')
    for (let i = 0; i < 5; i += 1) check.request()
    await expect.poll(() => running().length).toBeLessThanOrEqual(1)
    await expect.poll(() => said.at(-1), { timeout: 60_000 }).toMatch(/^types: tsc found errors .*\n {2}.*TS2322/)
    write('export const a = 1')
    check.request()
    await expect.poll(() => said.at(-1), { timeout: 60_000 }).toMatch(/^types: no errors/)
    expect(said).toHaveLength(2)
    check.request()
    check.stop()
    await expect.poll(running).toEqual([])
    expect(said).toHaveLength(2)
  }, 130_000)
})
