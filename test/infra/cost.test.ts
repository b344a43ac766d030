import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import { Template } from 'aws-cdk-lib/assertions'
import type { Stack } from 'aws-cdk-lib'
import { describe, expect, it } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { quotings } from '../../lambdas/quoting.ts'
import { addStacks, newApp } from '../../lib/app.ts'
import { settingsOf, deployedStages } from '../../lib/config.ts'
import { atRest } from '../../lib/cost/at-rest.ts'
import { prices } from '../../lib/cost/prices.ts'
import { costAtRest, templatesOfStage } from '../../lib/templates.ts'
import { kafkaKinds } from '../../scripts/cost/kafka-kinds.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

const billOf = (stage: string, overrides: Parameters<typeof settingsOf>[1] = {}) => {
  const settings = settingsOf(stage, overrides)
  const wiring = readCatalog(catalogFor(settings), settings.topicNames)
  return atRest(Object.values(templatesOfStage(settings, wiring)))
}
const has = (bill: ReturnType<typeof billOf>, price: string) => bill.items.some(item => item.price === price)

describe('what a stage costs at rest', () => {
  it.each(deployedStages)('has a price for everything that the stage %s makes', stage => {
    expect(billOf(stage).usd).toBeGreaterThan(100)
  })

  it.each(quotings)('has a price for everything with quoting as %s', quoting => {
    expect(billOf('dev', { quoting }).usd).toBeGreaterThan(100)
  })

  it.each(kafkaKinds)('has a price for everything on $kind, and none for what is not there', kafka => {
    const bill = billOf('prod', { kafka })
    expect({
      express: has(bill, 'mskExpressLarge'),
      standard: has(bill, 'mskStandardM7gLarge'),
      storage: has(bill, 'mskStorage'),
      wayOut: has(bill, 'natHour'),
      pollers: has(bill, 'eventPollerUnit'),
    }).toEqual({
      express: kafka.kind === 'msk-express',
      standard: kafka.kind === 'msk-standard',
      storage: kafka.kind === 'msk-standard',
      wayOut: kafka.kind === 'msk-express' || kafka.kind === 'msk-standard',
      pollers: true,
    })
  })

  it('costs what its brokers cost more', () => {
    const three = billOf('prod')
    const six = billOf('prod', { kafka: { kind: 'msk-express', brokers: 6 } })
    expect(six.usd - three.usd).toBeCloseTo(3 * 730 * 0.408)
  })

  it('is an output of the deployment, beside the address of the API', () => {
    const settings = settingsOf('dev')
    const wiring = readCatalog(catalogFor(settings), settings.topicNames)
    const cost = costAtRest(settings, wiring)
    expect(cost).toBe(
      `${Math.round(billOf('dev').usd)} USD a month (list prices of 2026-11-21 in us-east-1; docs/cost.md)`,
    )
    const app = newApp({ builtinCloudFormationValidation: false })
    addStacks(app, { settings, wiring, codeOf: () => lambda.Code.fromInline('//'), atRest: cost })
    Template.fromStack(app.node.findChild('recourse-dev-api') as Stack).hasOutput('CostAtRest', { Value: cost })
  })
})

describe('npm run cost', () => {
  const cost = (...args: string[]) => run(process.execPath, [join(root, 'scripts/cost/cost.ts'), ...args])

  it('tells programs every figure with its price', async () => {
    const { stdout } = await cost('--json', '--stage', 'dev', '--sagas', '5')
    expect(JSON.parse(stdout)).toMatchObject({
      stage: 'dev',
      kafka: 'msk-express',
      sagas: 5,
      region: 'us-east-1',
      atRest: { usd: billOf('dev').usd },
      prices: { kmsKey: { usd: 1 } },
    })
  })

  it('says where each price was read', async () => {
    const { stdout } = await cost('--prices', '--stage', 'dev')
    for (const { per } of Object.values(prices)) expect(stdout).toContain(per)
  })

  it('says what is wrong with a stage or a number', async () => {
    await expect(cost('--stage', 'nowhere')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/stage "nowhere" is not in/),
    })
    await expect(cost('--sagas', '-1')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/a whole number/),
    })
  })
})
