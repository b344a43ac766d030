import { beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { checkConcurrency, concurrencyOf } from '../../lib/concurrency.ts'
import { deployedStages, settingsOf } from '../../lib/config.ts'
import { type Template, templatesOf } from '../../scripts/stateful/templates.ts'
import { wiring } from './fixtures/wiring.ts'

interface Found {
  readonly id: string
  readonly type: string
  // oxlint-disable-next-line typescript/no-explicit-any -- properties of CloudFormation, as they are written
  readonly properties: any
}

describe.each(deployedStages)('the templates of %s', stage => {
  let all: Found[]
  let templates: Readonly<Record<string, Template>>
  beforeAll(() => {
    templates = templatesOf(stage)
    all = Object.values(templates).flatMap(({ Resources }) =>
      Object.entries(Resources).map(([id, { Type, Properties = {} }]) => ({ id, type: Type, properties: Properties })),
    )
  })
  const ofType = (type: string) => {
    const found = all.filter(one => one.type === type)
    expect(found.length, `${type} in the templates`).toBeGreaterThan(0)
    return found
  }

  it('have no public subnet, and no route to the internet but by the gateway of who calls addresses there', () => {
    for (const { id, properties } of ofType('AWS::EC2::Subnet'))
      expect([id, properties.MapPublicIpOnLaunch]).toEqual([id, false])
    const { functions } = readCatalog(catalogFor(settingsOf(stage)))
    const calling = functions.filter(({ callsInternet }) => callsInternet).map(({ name }) => `${stage}-${name}`)
    const routes = all.filter(({ type }) => type === 'AWS::EC2::Route')
    expect(routes.length > 0, 'a way out, and who needs one').toBe(calling.length > 0)
    for (const { id, properties } of routes) {
      expect(id).toMatch(/^VpcoutboundSubnet/)
      expect(properties).toHaveProperty('NatGatewayId')
      expect(properties).not.toHaveProperty('GatewayId')
    }
    const outbound = ofType('AWS::Lambda::Function').filter(({ properties }) =>
      JSON.stringify(properties.VpcConfig ?? '').includes('outboundSubnet'),
    )
    expect(outbound.map(({ properties }) => properties.FunctionName)).toEqual(calling)
  })

  it('encrypt all that is kept, with keys that are rotated', () => {
    for (const { properties } of ofType('AWS::DynamoDB::Table'))
      expect(properties.SSESpecification).toMatchObject({ SSEEnabled: true, SSEType: 'KMS' })
    for (const { properties } of ofType('AWS::DynamoDB::Table'))
      expect(properties.SSESpecification.KMSMasterKeyId).toBeDefined()
    for (const { id, properties } of ofType('AWS::Logs::LogGroup'))
      expect([id, properties]).toEqual([id, expect.objectContaining({ KmsKeyId: expect.anything() as unknown })])
    for (const { properties } of ofType('AWS::SNS::Topic')) expect(properties.KmsMasterKeyId).toBeDefined()
    for (const { properties } of ofType('AWS::SQS::Queue')) expect(properties.KmsMasterKeyId).toBe('alias/aws/sqs')
    for (const { properties } of ofType('AWS::MSK::Cluster'))
      expect(properties.EncryptionInfo).toMatchObject({
        EncryptionAtRest: { DataVolumeKMSKeyId: expect.anything() as unknown },
        EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true },
      })
    for (const { properties } of ofType('AWS::KMS::Key')) expect(properties.EnableKeyRotation).toBe(true)
  })

  it('forget logs, letters and events after a time that is written', () => {
    for (const { properties } of ofType('AWS::Logs::LogGroup'))
      expect(properties.RetentionInDays).toBe(settingsOf(stage).retention.logDays)
    for (const { properties } of ofType('AWS::SQS::Queue')) expect(properties.MessageRetentionPeriod).toBe(1_209_600)
    for (const { properties } of ofType('AWS::MSK::Topic'))
      expect(JSON.stringify(properties.Configs)).toMatch(/retention\.ms[\\"]+:[\\"]+\d+/)
  })

  it('bound every function: how many at once, how long, and where its failures go', () => {
    for (const { id, properties } of ofType('AWS::Lambda::Function')) {
      expect([id, properties.ReservedConcurrentExecutions]).toEqual([id, expect.any(Number)])
      expect([id, properties.Timeout]).toEqual([id, expect.any(Number)])
      expect([id, properties.DeadLetterConfig]).toEqual([id, { TargetArn: expect.anything() as unknown }])
    }
    for (const { id, properties } of ofType('AWS::Lambda::EventSourceMapping'))
      if (!String(properties.Topics).endsWith('.dlq'))
        expect([id, properties.DestinationConfig]).toEqual([
          id,
          { OnFailure: { Destination: expect.anything() as unknown } },
        ])
  })

  it('hold no secret', () => {
    const text = JSON.stringify(templates)
    expect(text).not.toMatch(/"(Password|MasterUserPassword|SecretString|AuthToken)"/)
    expect(text).not.toMatch(/AKIA[0-9A-Z]{16}|-----BEGIN|sk_live_|\/\/[^/"]+:[^/"@]+@/)
    for (const { properties } of ofType('AWS::Lambda::Function'))
      for (const variable of Object.keys(properties.Environment?.Variables ?? {}))
        expect(variable).not.toMatch(/PASSWORD|TOKEN|API_?KEY/)
  })

  it('protect what can not be made again', () => {
    for (const { Resources } of Object.values(templates))
      for (const [id, { Type, Properties: _properties, ...resource }] of Object.entries(Resources)) {
        const kept =
          ['AWS::DynamoDB::Table', 'AWS::Cognito::UserPool'].includes(Type) ||
          (Type === 'AWS::KMS::Key' && id.startsWith('Key'))
        if (kept)
          expect([id, resource]).toEqual([
            id,
            expect.objectContaining({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' }),
          ])
      }
    for (const { properties } of ofType('AWS::DynamoDB::Table'))
      expect(properties).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      })
    for (const { properties } of ofType('AWS::Cognito::UserPool')) expect(properties.DeletionProtection).toBe('ACTIVE')
  })

  it('guard the API by a web ACL, models of bodies, throttling and a pool of users', () => {
    const [acl] = ofType('AWS::WAFv2::WebACL')
    expect(acl?.properties.Rules.map(({ Name }: { Name: string }) => Name)).toEqual([
      'one-address',
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'AWSManagedRulesCommonRuleSet',
    ])
    expect(JSON.stringify(acl)).not.toContain('"SampledRequestsEnabled":true')
    expect(ofType('AWS::WAFv2::WebACLAssociation')).toHaveLength(1)
    expect(ofType('AWS::ApiGateway::Stage')[0]?.properties.MethodSettings).toContainEqual(
      expect.objectContaining({ ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 }),
    )
    const methods = ofType('AWS::ApiGateway::Method').filter(
      ({ properties }) => properties.Integration.Type === 'AWS_PROXY',
    )
    for (const { id, properties } of methods) {
      expect([id, properties.AuthorizationType]).toEqual([id, 'COGNITO_USER_POOLS'])
      expect([id, properties.RequestValidatorId]).toEqual([id, expect.anything() as unknown])
    }
    const bodies = readCatalog(catalogFor(settingsOf(stage))).functions.flatMap(({ routes }) =>
      routes.filter(({ body }) => body),
    )
    expect(methods.filter(({ properties }) => properties.RequestModels)).toHaveLength(bodies.length)
    expect(ofType('AWS::ApiGateway::Model')).toHaveLength(bodies.length)
  })

  it('tell the receivers of alarms', () => {
    const told = all
      .filter(({ type }) => type === 'AWS::SNS::Subscription')
      .map(({ properties }) => properties.Endpoint)
    expect(told).toEqual(settingsOf(stage).alarms.receivers)
  })
})

describe('how many of a function run at once', () => {
  const { functions } = readCatalog(catalogFor({ quoting: 'orchestration' }))
  const prod = settingsOf('prod')
  const of = (name: string) => wiring.functions.find(fn => fn.name === name) as (typeof functions)[number]

  it('is what its event sources can start, so that none is throttled', () => {
    expect(concurrencyOf(of('parcel'), prod)).toBe(of('parcel').sources.length * 12)
    expect(concurrencyOf(of('courier'), { ...prod, pollers: { minimum: 1, maximum: 2 } })).toBe(10)
    expect(concurrencyOf(of('sweeper'), prod)).toBe(1)
    expect(concurrencyOf(of('parcel-api'), prod)).toBe(prod.concurrency.http)
  })

  it.each(deployedStages)('leaves others of the account a hundred in %s', stage => {
    expect(() => checkConcurrency(functions, settingsOf(stage))).not.toThrow()
  })

  it('is refused where the account has not so many, with what to do', () => {
    const small = { ...prod, concurrency: { ...prod.concurrency, accountQuota: 10 } }
    expect(() => checkConcurrency(functions, small)).toThrow(
      /reserve \d+ concurrent executions, and with concurrency.accountQuota 10/,
    )
    expect(() =>
      checkConcurrency(functions, { ...small, concurrency: { ...small.concurrency, reserved: false } }),
    ).not.toThrow()
  })
})
