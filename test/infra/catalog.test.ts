import { describe, expect, it } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { deployedStages, stages } from '../../lib/config.ts'
import { readCloudAssembly } from '../../localstack/runtime/template/cloud-assembly.ts'
import { planOf } from '../../localstack/runtime/template/plan.ts'
import { describeStage } from './fixtures/synthesized.ts'

const wiring = readCatalog(catalogFor({ quoting: 'orchestration' }))

describe('our own catalog', () => {
  it.each(Object.keys(stages))('can be executed on one machine as the stage %s', stage => {
    // What LocalStack can't do is carried out here: the whole of that stage.
    const settings = { ...stages[stage], localstack: undefined }
    const { directory } = describeStage({ stage, settings, wiring }).app.synth()
    const plan = planOf(readCloudAssembly(directory))
    const prefix = deployedStages.includes(stage) ? `${stage}-` : ''
    expect(new Set(plan.functions.map(({ name }) => name))).toEqual(
      new Set(wiring.functions.map(({ name }) => `${prefix}${name}`)),
    )
    expect(plan.topics).toHaveLength(2 * wiring.topics.length)
    expect(plan.tables.map(({ name }) => name)).toEqual(wiring.tables.map(({ name }) => `${prefix}${name}`))
    const groups = plan.kafkaSources.map(({ groupId }) => groupId)
    expect(new Set(groups).size).toBe(
      wiring.functions.flatMap(({ sources, deadLetterTopics = [] }) => [...sources, ...deadLetterTopics]).length,
    )
    expect(plan.routes).toHaveLength(1 + wiring.functions.flatMap(({ routes }) => routes).length)
  })
})
