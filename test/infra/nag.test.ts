import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type App, Stack, Validations } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import { AwsSolutionsChecks } from 'cdk-nag'
import { describe, expect, it } from 'vitest'
import { readCatalog } from '#shared/messaging/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { type SettingsInput, stages } from '../../lib/config.ts'
import { describeStage } from './fixtures/synthesized.ts'

const existing: SettingsInput['kafka'] = {
  kind: 'msk-existing',
  clusterArn: 'arn:aws:kafka:eu-west-1:111122223333:cluster/shared/0f1e2d3c',
  vpcId: 'vpc-0a1b2c3d',
  subnetIds: ['subnet-0a1b2c3a', 'subnet-0a1b2c3b', 'subnet-0a1b2c3c'],
  securityGroupId: 'sg-0a1b2c3d',
}
const selfManaged: SettingsInput['kafka'] = {
  kind: 'self-managed',
  bootstrapServers: ['kafka.example.com:9093'],
  secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka-aBc123',
}
const kinds: readonly SettingsInput['kafka'][] = [
  { kind: 'msk-express' },
  { kind: 'msk-standard' },
  existing,
  selfManaged,
]

describe("cdk-nag's AwsSolutions rules", () => {
  it.each(kinds.map(kafka => [kafka.kind, kafka] as const))('find nothing to say about %s', (_, kafka) => {
    const { app } = describeStage({
      settings: { ...stages['dev'], kafka },
      wiring: readCatalog(catalogFor('orchestration')),
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
