/**
 * The REST API: the catalog's routes, each by its function, behind Cognito's tokens; `/health` alone needs none and
 * wakes no function. Who may do what with a valid token is the function's own business.
 */
import { CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib'
import * as apigateway from 'aws-cdk-lib/aws-apigateway'
import type * as lambda from 'aws-cdk-lib/aws-lambda'
import * as logs from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { Wiring } from '#shared/messaging/wiring.ts'
import type { StageSettings } from '../config.ts'
import { GatewayProblems } from '../constructs/gateway-problems.ts'
import { addHealth } from '../constructs/health.ts'
import { Users } from '../constructs/users.ts'

interface Props extends StackProps {
  readonly settings: StageSettings
  readonly wiring: Pick<Wiring, 'functions'>
  /** By the catalog's names. */
  readonly functions: ReadonlyMap<string, lambda.IFunction>
}

/** Requests a second, and how many at once: past them API Gateway answers 429. */
const THROTTLE = { throttlingRateLimit: 500, throttlingBurstLimit: 1000 }

export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, { settings, wiring, functions, ...props }: Props) {
    super(scope, id, props)
    const users = new Users(this, 'Users', settings)
    const api = this.restApi(settings)
    new GatewayProblems(this, 'Problems', api)
    addHealth(api)
    const authorizer = new apigateway.CognitoUserPoolsAuthorizer(this, 'Authorizer', {
      cognitoUserPools: [users.pool],
      authorizerName: `${settings.namePrefix}recourse`,
    })
    for (const { name, routes } of wiring.functions) {
      const handler = functions.get(name)
      if (!handler) throw new Error(`${name} has routes and no function`)
      const integration = new apigateway.LambdaIntegration(handler, { allowTestInvoke: false })
      for (const { method, path } of routes)
        api.root.resourceForPath(path).addMethod(method, integration, {
          authorizer,
          authorizationType: apigateway.AuthorizationType.COGNITO,
        })
    }
    new CfnOutput(this, 'ApiUrl', { value: api.url, description: 'The API' })
    new CfnOutput(this, 'UserPoolId', { value: users.pool.userPoolId, description: 'Cognito user pool' })
    new CfnOutput(this, 'UserPoolClientId', { value: users.client.userPoolClientId, description: 'Cognito app client' })
  }

  private restApi({ namePrefix, retention }: StageSettings): apigateway.RestApi {
    const accessLog = new logs.LogGroup(this, 'AccessLog', {
      retention: retention.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const api = new apigateway.RestApi(this, 'Api', {
      restApiName: `${namePrefix}recourse`,
      description: 'Orders and what belongs to them',
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.DESTROY,
      endpointConfiguration: { types: [apigateway.EndpointType.REGIONAL] },
      deployOptions: {
        stageName: 'v1',
        loggingLevel: apigateway.MethodLoggingLevel.ERROR,
        metricsEnabled: true,
        accessLogDestination: new apigateway.LogGroupLogDestination(accessLog),
        accessLogFormat: apigateway.AccessLogFormat.custom(ACCESS_LOG_LINE),
        ...THROTTLE,
      },
    })
    Validations.of(api).acknowledge(
      { id: 'AwsSolutions-APIG2', reason: 'Requests are parsed once, with zod, by the function that knows the fields' },
      {
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason: "API Gateway's one logging role of the account, with the policy that AWS defines for it",
      },
    )
    Validations.of(api.deploymentStage).acknowledge({
      id: 'AwsSolutions-APIG3',
      reason: 'A web ACL comes with the hardened stages; until then throttling and tokens guard the API',
    })
    return api
  }
}

/** Who did what is the functions' log, by the request id: no address, user or body is here. */
const field = apigateway.AccessLogField
const ACCESS_LOG_LINE = JSON.stringify({
  requestId: field.contextRequestId(),
  at: field.contextRequestTimeEpoch(),
  method: field.contextHttpMethod(),
  route: field.contextResourcePath(),
  status: field.contextStatus(),
  bytes: field.contextResponseLength(),
  latencyMs: field.contextResponseLatency(),
  functionMs: field.contextIntegrationLatency(),
  error: field.contextErrorResponseType(),
})
