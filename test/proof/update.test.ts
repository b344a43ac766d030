/** `npm run update` in a copy of the repository: what it makes anew, what it says of that, and what it refuses. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyRepository, type RepositoryCopy } from '../support/repository-copy.ts'

const SNAPSHOT_TEST = 'snapshots.test.ts'
const contract = 'lambdas/services/errand/contract.ts'
let copy: RepositoryCopy
beforeAll(async () => {
  copy = await copyRepository()
  // Of what is deployed only the snapshots are needed here; every other test of it has its own run.
  for (const folder of ['test/infra', 'test/domains'].filter(name => existsSync(join(copy.folder, name))))
    for (const name of readdirSync(join(copy.folder, folder), { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.test.ts') && name !== SNAPSHOT_TEST) rmSync(join(copy.folder, folder, name))
  expect(run('scripts/new/new.ts', 'saga', 'errand')).toMatchObject({ status: 0 })
}, 60_000)
afterAll(() => copy[Symbol.asyncDispose]())

function run(...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy.folder, env, encoding: 'utf8' })
  return { status, stdout, stderr }
}
const update = () => run('scripts/update/update.ts')
const read = (path: string) => readFileSync(join(copy.folder, path), 'utf8')
/** Throws where the file has no such text: the scaffold has changed. */
function change(path: string, from: string, to: string) {
  const before = read(path)
  if (!before.includes(from)) throw new Error(`${path} has no ${from}`)
  writeFileSync(join(copy.folder, path), before.replace(from, to))
}

/** One for each way that the catalog can be chosen. */
const asyncApis = () => readdirSync(join(copy.folder, 'docs/asyncapi')).toSorted()

describe('npm run update', { timeout: 300_000 }, () => {
  it('writes the locks and documents of a saga that is new, mends snapshots, and lists each', () => {
    const snapshots = ['test/infra/snapshots/constructs/table.txt', 'test/unit/wiring/snapshots/kiosk.mmd']
    const whole = snapshots.map(read)
    for (const snapshot of snapshots) writeFileSync(join(copy.folder, snapshot), 'an old one')
    const { status, stdout, stderr } = update()
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('FAILED') as unknown })
    expect(stdout.trimEnd().split('\n')).toEqual([
      'changed contracts.lock.json',
      ...asyncApis().map(name => `changed docs/asyncapi/${name}`),
      'new docs/diagrams/errand-saga.md',
      'new docs/diagrams/errand.md',
      'changed saga.lock.json',
      'changed stateful.lock.json',
      ...snapshots.map(snapshot => `changed ${snapshot}`),
    ])
    expect(snapshots.map(read)).toEqual(whole)
    for (const [lock, holds] of [
      ['contracts.lock.json', '"ErrandRequestedEvent"'],
      ['saga.lock.json', '"errand@1"'],
      ['stateful.lock.json', 'errands'],
    ] as const)
      expect(read(lock)).toContain(holds)
  })

  it('writes down what a message says more, and touches nothing else', () => {
    change(
      contract,
      "'ErrandRefusedEvent', z.object({ reason })",
      "'ErrandRefusedEvent', z.object({ reason, again: z.boolean().optional() })",
    )
    const { status, stdout } = update()
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `${['changed contracts.lock.json', ...asyncApis().map(name => `changed docs/asyncapi/${name}`)].join('\n')}\n`,
    })
    expect(read(`docs/asyncapi/${asyncApis().at(-1)}`)).toMatch(/ErrandRefusedEvent:[^]*?again:\n\s+type: boolean/)
    expect(update()).toMatchObject({ status: 0, stdout: 'nothing changed\n' })
  })

  it('refuses what messages that are on their way would not survive, with the difference and what to do', () => {
    const locked = read('contracts.lock.json')
    change(contract, 'again: z.boolean().optional()', 'again: z.boolean()')
    const { status, stderr } = update()
    expect(status).toBe(1)
    expect(stderr).toContain('locks of sagas: FAILED')
    expect(stderr).toContain('ErrandRefusedEvent')
    expect(stderr).toContain('--rewrite ErrandRefusedEvent')
    expect(stderr).toContain('recourse: 1 of 5 steps failed: see above')
    expect(read('contracts.lock.json')).toBe(locked)
  })
})
