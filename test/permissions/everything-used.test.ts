/** Least privilege at run time: nothing that is done is denied, and nothing is granted that is not done. */
import { afterEach, describe, expect, test } from 'vitest'
import { quotings } from '../../lambdas/quoting.ts'
import { PermissionDenied, whatIsTooMuch } from '../../localstack/runtime/permissions/permission-report.ts'
import { unusedOf } from '../../localstack/runtime/permissions/uses.ts'
import { resolveStacks } from '../../localstack/runtime/template/resolve.ts'
import { doEverything } from './drive/everything.ts'
import { worldOf } from './drive/world.ts'
import { type Guarded, startGuarded } from './guarded.ts'
import { inOrder, isUnseen, unseenNeededIn } from '../../scripts/permissions/unseen.ts'

let guarded: Guarded | undefined
afterEach(async ({ task }) => {
  // What is denied or left over says it all; where the drive stood still, the runtime may know why.
  const [error] = task.result?.errors ?? []
  if (error && error.name !== PermissionDenied.name && error.name !== 'AssertionError')
    process.stderr.write(`--- the runtime said\n${guarded?.outgoing.slice(-40).join('\n')}\n`)
  await guarded?.stop()
  guarded = undefined
})

describe.each(quotings)('with quoting as %s', quoting => {
  test('every function does all that it may, and may do all that it does', async () => {
    guarded = await startGuarded(quoting)
    const { granted, uses, runtime, stacks } = guarded
    const world = await worldOf(guarded, quoting)
    await Promise.race([doEverything(world), runtime.failed]).catch((error: unknown) =>
      // Whoever was denied something failed at it, which is all that the drive saw.
      uses.every(({ allowed }) => allowed) ? Promise.reject(error) : runtime.failed,
    )
    const seen = [...granted].map(([name, permissions]) => [name, permissions.filter(one => !isUnseen(one))] as const)
    expect(whatIsTooMuch(unusedOf(new Map(seen), uses))).toEqual([])
    for (const [name, needed] of unseenNeededIn(resolveStacks(stacks)))
      expect(inOrder((granted.get(name) ?? []).filter(isUnseen)), name).toEqual(needed)
  })
})
