/** What goes into LocalStack is the whole stage without what that can't do: every difference is named here. */
import { describe, expect, it } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { quotings } from '../../lambdas/quoting.ts'
import { settingsOf, type SettingsInput } from '../../lib/config.ts'
import { templatesOfStage } from '../../lib/templates.ts'

interface Resource {
  readonly Type: string
  // oxlint-disable-next-line typescript/no-explicit-any -- properties of CloudFormation, as they are written
  readonly Properties?: any
}

function resourcesOf(overrides: Partial<SettingsInput>): Map<string, Resource> {
  const settings = settingsOf('localstack', overrides)
  const templates = templatesOfStage(settings, readCatalog(catalogFor(settings)))
  return new Map(
    Object.entries(templates).flatMap(([stack, { Resources }]) =>
      Object.entries(Resources).map(([id, resource]) => [`${stack}/${id}`, resource] as const),
    ),
  )
}

const typesOf = (resources: Iterable<Resource>) => [...new Set([...resources].map(({ Type }) => Type))].toSorted()

describe.each(quotings)('the stage localstack, with quoting as %s', quoting => {
  const target = resourcesOf({ quoting })
  const whole = resourcesOf({ quoting, localstack: undefined })
  const inStack = (part: string) => new RegExp(`^recourse-localstack-${part}/`)
  const leftOut = [...whole].filter(([id]) => !target.has(id))

  it('leaves out the stacks that LocalStack has no services for', () => {
    const stacks = (ids: Iterable<string>) => [...new Set([...ids].map(id => id.split('/', 1).join()))].toSorted()
    expect(stacks(target.keys())).toEqual(
      ['api', 'data', 'foundation', 'services'].map(part => `recourse-localstack-${part}`),
    )
    expect(stacks(whole.keys())).toEqual(
      ['api', 'data', 'foundation', 'network', 'observability', 'services', 'streaming'].map(
        part => `recourse-localstack-${part}`,
      ),
    )
  })

  it('leaves out of the others only Kafka event sources, the network, users and the web ACL', () => {
    const others = leftOut.filter(([id]) => /-(foundation|data|services|api)\//.test(id)).map(([, one]) => one)
    expect(typesOf(others)).toEqual([
      'AWS::ApiGateway::Authorizer',
      // Named by what it deploys.
      'AWS::ApiGateway::Deployment',
      'AWS::Cognito::UserPool',
      'AWS::Cognito::UserPoolClient',
      'AWS::Cognito::UserPoolGroup',
      'AWS::IAM::ManagedPolicy',
      'AWS::Lambda::EventSourceMapping',
      'AWS::WAFv2::WebACL',
      'AWS::WAFv2::WebACLAssociation',
    ])
    const mappings = others.filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping')
    expect(mappings.filter(({ Properties }) => Properties.Topics === undefined)).toEqual([])
  })

  it('adds nothing', () => {
    const added = [...target].filter(([id]) => !whole.has(id))
    expect(typesOf(added.map(([, one]) => one))).toEqual(['AWS::ApiGateway::Deployment'])
  })

  it('keeps change feeds, schedules and tables as they are', () => {
    const kept = (resources: Map<string, Resource>, type: string) =>
      [...resources].filter(([id, one]) => target.has(id) && one.Type === type).map(([, one]) => one.Properties)
    for (const type of ['AWS::Lambda::EventSourceMapping', 'AWS::Events::Rule', 'AWS::DynamoDB::Table']) {
      expect(kept(target, type).length, type).toBeGreaterThan(0)
      expect(kept(target, type)).toEqual(kept(whole, type))
    }
  })

  it('asks no authorizer, on any route', () => {
    const methods = [...target.values()].filter(({ Type }) => Type === 'AWS::ApiGateway::Method')
    const { functions } = readCatalog(catalogFor({ quoting }))
    expect(methods.length).toBeGreaterThan(functions.flatMap(({ routes }) => routes).length)
    expect(methods.filter(({ Properties }) => Properties.AuthorizationType !== 'NONE')).toEqual([])
  })

  it('tells functions where Kafka is, asks no network of them, and changes nothing else about them', () => {
    const functions = [...target].filter(
      ([id, { Type }]) => Type === 'AWS::Lambda::Function' && inStack('services').test(id),
    )
    expect(functions).toHaveLength(readCatalog(catalogFor({ quoting })).functions.length)
    for (const [id, { Properties }] of functions) {
      const { VpcConfig: _vpc, Environment, ...rest } = whole.get(id)?.Properties ?? {}
      const variables = Environment?.Variables
      const talks = variables?.KAFKA_BROKERS !== undefined
      expect(Properties).toEqual({
        ...rest,
        ...(variables && {
          Environment: {
            Variables: {
              ...variables,
              ...(talks && { KAFKA_BROKERS: 'redpanda:9092', KAFKA_AUTH: 'none' }),
            },
          },
        }),
      })
    }
  })

  it('gives the key of the tokens to those that answer requests, and to nobody else', () => {
    const tokenKey = Buffer.alloc(32, 1).toString('base64url')
    const keyed = resourcesOf({ quoting, localstack: { bootstrapServers: ['redpanda:9092'], tokenKey } })
    const names = [...keyed.values()]
      .filter(({ Properties }) => Properties?.Environment?.Variables?.TOKEN_KEY === tokenKey)
      .map(({ Properties }) => Properties.FunctionName as string)
    const http = readCatalog(catalogFor({ quoting })).functions.filter(({ kind }) => kind === 'http')
    expect(names.toSorted()).toEqual(http.map(({ name }) => name).toSorted())
    expect([...target.values()].filter(one => JSON.stringify(one).includes('TOKEN_KEY'))).toEqual([])
  })
})
