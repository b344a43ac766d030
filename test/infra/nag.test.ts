import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type App, Stack, Validations } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import { AwsSolutionsChecks } from 'cdk-nag'
import { describe, expect, it } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { deployedStages, stages } from '../../lib/config.ts'
import { kafkaKinds } from '../../scripts/cost/kafka-kinds.ts'
import { describeStage } from './fixtures/synthesized.ts'

const variants = deployedStages.flatMap(stage => kafkaKinds.map(kafka => [stage, kafka.kind, kafka] as const))

describe("cdk-nag's AwsSolutions rules", () => {
  it.each(variants)('find nothing to say about %s on %s', (stage, _, kafka) => {
    const { app } = describeStage({
      stage,
      settings: { ...stages[stage], kafka },
      wiring: readCatalog(catalogFor({ quoting: 'orchestration' })),
    })
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
    expect(reported(app)).toEqual([])
  })

  it('speak up about a wildcard that nobody gave a reason for', () => {
    const { app } = describeStage({})
    const loose = new Stack(app, 'loose')
    const policy = new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] })
    new iam.Role(loose, 'Role', { assumedBy: new iam.AccountRootPrincipal() }).addToPolicy(policy)
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
    expect(() => app.synth()).toThrow('AwsSolutions-IAM5[Resource::*]')
  })
})

/** Rules broken, warnings too. Synthesis throws for an error, and prints which. */
function reported(app: App) {
  const report = JSON.parse(readFileSync(join(app.synth().directory, 'validation-report.json'), 'utf8')) as Report
  return report.pluginReports.flatMap(({ violations }) => violations ?? [])
}

interface Report {
  readonly pluginReports: readonly { readonly violations?: readonly unknown[] }[]
}
