import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { watchFolders } from '../../../localstack/watch/watch-folders.ts'
import { temporaryFolder } from '../runtime/temporary.ts'

describe('watched folders', () => {
  it('tell of a file that is written, replaced again and again, removed, and of those in a new folder', async () => {
    const root = temporaryFolder()
    const at = (path: string) => join(root, path)
    mkdirSync(at('lambdas/order'), { recursive: true })
    writeFileSync(at('lambdas/order/rules.ts'), '1')
    const seen: string[] = []
    onTestFinished(watchFolders(root, ['lambdas'], file => seen.push(file)))
    const seesAfter = async (act: () => void, file: string) => {
      seen.length = 0
      act()
      await expect.poll(() => seen).toContain(file)
    }
    await seesAfter(() => writeFileSync(at('lambdas/order/rules.ts'), '2'), 'lambdas/order/rules.ts')
    for (const text of ['3', '4'])
      await seesAfter(() => {
        writeFileSync(at('lambdas/order/rules.ts.tmp'), text)
        renameSync(at('lambdas/order/rules.ts.tmp'), at('lambdas/order/rules.ts'))
      }, 'lambdas/order/rules.ts')
    await seesAfter(() => {
      mkdirSync(at('lambdas/shipment/deep'), { recursive: true })
      writeFileSync(at('lambdas/shipment/deep/rules.ts'), '1')
    }, 'lambdas/shipment/deep/rules.ts')
    await seesAfter(() => writeFileSync(at('lambdas/shipment/deep/rules.ts'), '2'), 'lambdas/shipment/deep/rules.ts')
    await seesAfter(() => rmSync(at('lambdas/shipment'), { recursive: true }), 'lambdas/shipment/deep/rules.ts')
    await seesAfter(() => writeFileSync(at('lambdas/order/rules.ts'), '5'), 'lambdas/order/rules.ts')
  })
})
