import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, test } from 'vitest'
import type { Definition, Lock, Locked } from '../../../scripts/sagas/locked.ts'
import { changedLines, linesOf } from '../../../scripts/sagas/lines.ts'
import { update } from '../../../scripts/sagas/lock-file.ts'
import { findProblems } from '../../../scripts/sagas/problems.ts'

const root = join(import.meta.dirname, '../../..')

/** By Node itself, as functions are read as it has them and not as these tests would. */
test('the definitions are those of saga.lock.json', async () => {
  const problems = await promisify(execFile)(process.execPath, ['scripts/sagas/lock.ts', '--check'], {
    cwd: root,
  }).then(
    () => '',
    (failed: { stderr: string }) => failed.stderr,
  )
  // Thrown, and not compared: whoever has changed a definition reads what to do, and no difference of two texts.
  if (problems) throw new Error(`\n${problems}`)
})

const lockedOf = (more: Partial<Locked> = {}): Locked => ({
  describe: 'd1',
  definition: 'm1',
  minifiedBy: 'esbuild 1',
  description: {
    saga: 'order',
    steps: [
      { name: 'reserve', withinSeconds: 60, done: ['Reserved'] },
      { name: 'pay', withinSeconds: 60, done: ['Paid'], undo: { command: 'Void' } },
    ],
  },
  functions: { "send of step 'pay'": 'e=>({total:e.total})', "send of step 'reserve'": 'e=>({})' },
  ...more,
})
const definitionOf = (version: number, locked: Locked): Definition => ({
  id: `order@${version}`,
  saga: 'order',
  version,
  module: `lambdas/sagas/order/${version === 1 ? 'saga' : `v${version}`}.ts`,
  exportName: 'orderSaga',
  handled: true,
  locked,
})
const lock: Lock = { 'order@1': lockedOf() }
const nothing = { rewrite: [], remove: [] }
const slower = lockedOf({
  describe: 'd2',
  definition: 'm2',
  description: {
    saga: 'order',
    steps: [
      { name: 'reserve', withinSeconds: 60, done: ['Reserved'] },
      { name: 'pay', withinSeconds: 90, done: ['Paid'], undo: { command: 'Void' } },
    ],
  },
})

describe('a definition that is as it is locked', () => {
  it('is no problem', () => {
    expect(findProblems(lock, [definitionOf(1, lockedOf())])).toEqual([])
  })
})

describe('a definition that has changed under its version', () => {
  it('is told with the lines that differ, and with what to do', () => {
    const [problem, ...others] = findProblems(lock, [definitionOf(1, slower)])
    expect(others).toEqual([])
    expect(problem).toMatchInlineSnapshot(`
      "saga 'order' has changed, and is still version 1 (lambdas/sagas/order/saga.ts).
      Once this is deployed, sagas that began with the definition in saga.lock.json would go on with another one.

        What it says has changed:
          - step 'pay' › withinSeconds: 60
          + step 'pay' › withinSeconds: 90

      What to do:
        1. Keep the locked definition beside the new one:
           git show $(git log -1 --format=%h -- saga.lock.json):lambdas/sagas/order/saga.ts > lambdas/sagas/order/v1.ts
           and call what it exports orderSagaV1.
        2. Raise \`version\` to 2 in lambdas/sagas/order/saga.ts.
        3. List both while sagas of version 1 run: \`sagas: [orderSaga, orderSagaV1]\` in lambdas/catalog.ts,
           \`sagaHandler(orderSaga, orderSagaV1)\` in lambdas/sagas/order/handler.ts.
        4. npm run sagas:lock && npm run docs, and commit what they write.
        If version 1 was never deployed anywhere: npm run sagas:lock -- --rewrite order@1"
    `)
  })

  it.each([
    [
      'a function',
      { functions: { ...lockedOf().functions, "send of step 'pay'": 'e=>({total:0})' }, definition: 'm2' },
      /A function has changed: send of step 'pay'\n\s+- e=>\(\{total:e\.total\}\)\n\s+\+ e=>\(\{total:0\}\)/,
    ],
    ['a constant', { definition: 'm2' }, /Something that its functions use has changed: a constant or a helper/],
    [
      'a function that is imported',
      { functions: { ...lockedOf().functions, "send of step 'reserve'": 'e=>({a:1})' } },
      /send of step 'reserve'/,
    ],
    [
      'the minifier',
      { definition: 'm2', minifiedBy: 'esbuild 2' },
      /The minifier has changed too \(esbuild 1, now esbuild 2\): if that is all, --rewrite/,
    ],
  ])('is told by what has changed: %s', (_, more, publishes) => {
    expect(findProblems(lock, [definitionOf(1, lockedOf(more))]).join('\n')).toMatch(publishes)
  })

  it('is not to be changed at all when a later version is there', () => {
    const [problem] = findProblems({ ...lock, 'order@2': lockedOf() }, [
      definitionOf(2, lockedOf()),
      definitionOf(1, slower),
    ])
    expect(problem).toContain('Take the change back: version 1 is kept as it is for the sagas that began with it.')
    expect(problem).toContain('or into version 3.')
  })

  it('is not locked anew by the command, unless it is named', () => {
    const definitions = [definitionOf(1, slower)]
    expect(update(lock, definitions, nothing)).toMatchObject({ lock, changes: [], problems: [expect.any(String)] })
    expect(update(lock, definitions, { rewrite: ['order@1'], remove: [] })).toEqual({
      lock: { 'order@1': slower },
      changes: ['order@1 rewritten'],
      problems: [],
    })
  })
})

describe('a new version, and a new saga', () => {
  it('are asked for, and added by the command without a change of what is there', () => {
    const definitions = [definitionOf(2, slower), definitionOf(1, lockedOf())]
    expect(findProblems(lock, definitions)).toEqual([
      'order@2 is not in saga.lock.json yet: run `npm run sagas:lock` and commit it',
    ])
    expect(update(lock, definitions, nothing)).toEqual({
      lock: { ...lock, 'order@2': slower },
      changes: ['order@2 added'],
      problems: [],
    })
  })
})

describe('a version that its handler does not run', () => {
  it('is told, as it is only listed', () => {
    expect(findProblems(lock, [{ ...definitionOf(1, lockedOf()), handled: false }])).toEqual([
      'order@1 is in the catalog, but lambdas/sagas/order/handler.ts does not import lambdas/sagas/order/saga.ts: give it orderSaga beside the current one, or its sagas stop where they are',
    ])
  })
})

describe('a version that is not listed any more', () => {
  const both: Lock = { ...lock, 'order@2': slower }
  const left = [definitionOf(2, slower)]

  it('is told with the check that goes before its removal', () => {
    expect(findProblems(both, left)).toEqual([
      expect.stringMatching(/^order@1 is in saga\.lock\.json, but no catalog lists it any more.*--remove order@1/s),
    ])
    expect(update(both, left, nothing).problems).toHaveLength(1)
  })

  it('is taken out when it is named', () => {
    expect(update(both, left, { rewrite: [], remove: ['order@1'] })).toEqual({
      lock: { 'order@2': slower },
      changes: ['order@1 removed'],
      problems: [],
    })
  })

  it('is not taken out while it is listed, nor is what is unknown', () => {
    expect(update(both, left, { rewrite: ['order@9'], remove: ['order@2', 'trip@1', 'order@1'] }).problems).toEqual([
      '--rewrite order@9: the catalog lists no such saga and version, only order@2',
      '--remove order@2: the catalog still lists it: take it out of lambdas/catalog.ts and its handler first',
      '--remove trip@1: saga.lock.json has no such saga and version',
    ])
  })
})

describe('the lines of a description', () => {
  it('each say where they stand', () => {
    expect(
      linesOf({ saga: 'trip', joins: { at: 'fly' }, steps: [{ name: 'fly', done: ['A', 'B'], refused: [] }] }),
    ).toEqual(['saga: trip', 'joins › at: fly', "step 'fly' › done: A, B", "step 'fly' › refused: none"])
  })

  it('are compared in their order', () => {
    expect(changedLines(['a', 'b', 'c'], ['b', 'a', 'c', 'd'])).toEqual(['- a', '+ a', '+ d'])
    expect(changedLines([], ['a'])).toEqual(['+ a'])
    expect(changedLines(['a'], ['a'])).toEqual([])
  })
})
