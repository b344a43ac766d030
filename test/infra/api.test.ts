import { describe, expect, it } from 'vitest'
import { readable, type Resource } from './fixtures/readable.ts'
import { describeStage } from './fixtures/synthesized.ts'

const api = readable(describeStage({}).template('api').toJSON())
const ofType = (type: string) => Object.values(api).filter(resource => resource.type === type)

/** `/parcels/{parcelId}` of a method, by walking its resources up. */
function pathOf(method: Resource): string {
  const up = (reference: unknown): string => {
    const resource = api[/^\$\{(\w+)\}$/.exec(String(reference))?.[1] ?? '']
    return resource ? `${up(resource.properties['ParentId'])}/${String(resource.properties['PathPart'])}` : ''
  }
  return up(method.properties['ResourceId'])
}
const routes = ofType('AWS::ApiGateway::Method').map(method => ({
  route: `${String(method.properties['HttpMethod'])} ${pathOf(method)}`,
  authorization: method.properties['AuthorizationType'],
  integration: method.properties['Integration'] as Readonly<Record<string, unknown>>,
}))

describe('the REST API', () => {
  it('has the routes of the catalog, and health', () => {
    expect(routes.map(({ route }) => route).toSorted()).toEqual([
      'GET /health',
      'GET /parcels/{parcelId}',
      'GET /parcels/{parcelId}/history',
      'POST /parcels',
    ])
  })

  it('asks for a token on every route but health', () => {
    for (const { route, authorization } of routes)
      expect([route, authorization]).toEqual([route, route === 'GET /health' ? 'NONE' : 'COGNITO_USER_POOLS'])
  })

  it('hands a request to the function of its route as it came', () => {
    const { integration } = routes.find(({ route }) => route === 'POST /parcels') ?? {}
    expect(integration).toMatchObject({
      Type: 'AWS_PROXY',
      Uri: expect.stringContaining('services.parcelapiFunction.Arn') as string,
    })
  })

  it('lets API Gateway invoke each function for its own routes only', () => {
    const sources = ofType('AWS::Lambda::Permission').map(({ properties }) => String(properties['SourceArn']))
    expect(sources.toSorted()).toEqual([
      expect.stringMatching(/\/GET\/parcels\/\*$/),
      expect.stringMatching(/\/GET\/parcels\/\*\/history$/),
      expect.stringMatching(/\/POST\/parcels$/),
    ])
  })

  it('answers health by itself', () => {
    const { integration } = routes.find(({ route }) => route === 'GET /health') ?? {}
    expect(integration).toMatchObject({
      Type: 'MOCK',
      IntegrationResponses: [
        {
          StatusCode: '200',
          ResponseTemplates: { 'application/json': '{"status":"ok"}' },
          ResponseParameters: { 'method.response.header.x-request-id': 'context.requestId' },
        },
      ],
    })
  })

  it.each([
    ['UNAUTHORIZED', '401', 'urn:recourse:problem:unauthorized'],
    ['EXPIRED_TOKEN', '401', 'urn:recourse:problem:unauthorized'],
    ['MISSING_AUTHENTICATION_TOKEN', '404', 'urn:recourse:problem:not-found'],
    ['REQUEST_TOO_LARGE', '413', 'urn:recourse:problem:too-large'],
    ['THROTTLED', '429', 'urn:recourse:problem:too-many-requests'],
    ['INTEGRATION_TIMEOUT', '503', 'urn:recourse:problem:unavailable'],
    ['DEFAULT_5XX', '500', 'urn:recourse:problem:internal'],
  ])('answers %s with %s and a problem document', (type, status, problem) => {
    const answer = ofType('AWS::ApiGateway::GatewayResponse').find(
      ({ properties }) => properties['ResponseType'] === type,
    )
    expect(answer?.properties).toMatchObject({
      StatusCode: status,
      ResponseParameters: {
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
        'gatewayresponse.header.x-request-id': 'context.requestId',
      },
    })
    const templates = answer?.properties['ResponseTemplates'] as Readonly<Record<string, string>>
    expect(JSON.parse(templates['application/json'] ?? '')).toMatchObject({
      type: problem,
      status: Number(status),
      requestId: '$context.requestId',
    })
  })

  it('writes an access log without addresses or users', () => {
    const [stage] = ofType('AWS::ApiGateway::Stage')
    expect(stage).toBeDefined()
    const { Format } = stage!.properties['AccessLogSetting'] as { Format: string }
    expect(JSON.parse(Format)).toMatchObject({ requestId: '$context.requestId', status: '$context.status' })
    expect(Format).not.toMatch(/sourceIp|caller|user|authorizer/i)
  })

  it('has users whom an administrator makes, and the group of the operators', () => {
    expect(ofType('AWS::Cognito::UserPool')[0]?.properties).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      DeletionProtection: 'ACTIVE',
    })
    expect(ofType('AWS::Cognito::UserPoolGroup')[0]?.properties).toMatchObject({ GroupName: 'operators' })
  })

  it('lets nobody sign in by OAuth: no flow, no scope, no address of CDK’s that tokens are sent to', () => {
    const clients = ofType('AWS::Cognito::UserPoolClient')
    expect(clients).toHaveLength(1)
    for (const { properties } of clients) {
      expect(properties).toMatchObject({ AllowedOAuthFlowsUserPoolClient: false })
      for (const name of ['AllowedOAuthFlows', 'AllowedOAuthScopes', 'CallbackURLs', 'LogoutURLs'])
        expect(properties).not.toHaveProperty(name)
    }
  })

  it('sends what recovers an account to the e-mail address alone', () => {
    expect(ofType('AWS::Cognito::UserPool')[0]?.properties['AccountRecoverySetting']).toEqual({
      RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }],
    })
  })
})
