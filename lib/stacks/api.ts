/**
 * The REST API: the catalog's routes, each by its function, behind Cognito's tokens; `/health` alone needs none and
 * wakes no function. Who may do what with a valid token is the function's own business.
 */
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import * as apigateway from 'aws-cdk-lib/aws-apigateway'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type * as lambda from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import type { Wiring } from '#engine/catalog/wiring.ts'
import type { StageSettings } from '../config.ts'
import { GatewayProblems } from '../constructs/gateway-problems.ts'
import { addHealth } from '../constructs/health.ts'
import { EncryptedLogs } from '../constructs/log-group.ts'
import { RequestBodies } from '../constructs/request-bodies.ts'
import { Users } from '../constructs/users.ts'
import { WebAcl } from '../constructs/web-acl.ts'
import { except } from '../lint-suppressions.ts'

interface Props extends StackProps {
  readonly settings: StageSettings
  readonly wiring: Pick<Wiring, 'functions'>
  /** By the catalog's names. */
  readonly functions: ReadonlyMap<string, lambda.IFunction>
  readonly logKey: kms.IKey
  /** What the stage costs a month at rest: told where who deploys it looks. */
  readonly atRest?: string
}

export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, { settings, wiring, functions, logKey, atRest, ...props }: Props) {
    super(scope, id, props)
    const api = this.restApi(settings, logKey)
    new GatewayProblems(this, 'Problems', api)
    addHealth(api)
    const bodies = new RequestBodies(this, 'Bodies', api)
    // LocalStack has no authorizer, users or web ACL: its functions check the tokens of one's own checkout.
    const authorization = settings.localstack ? {} : this.authorization(settings)
    for (const { name, routes } of wiring.functions) {
      const handler = functions.get(name)
      if (!handler) throw new Error(`${name} has routes and no function`)
      const integration = new apigateway.LambdaIntegration(handler, { allowTestInvoke: false })
      for (const route of routes)
        api.root.resourceForPath(route.path).addMethod(route.method, integration, {
          ...bodies.optionsFor(route),
          ...authorization,
        })
    }
    if (!settings.localstack) new WebAcl(this, 'WebAcl', { settings, resourceArn: api.deploymentStage.stageArn })
    new CfnOutput(this, 'ApiUrl', { value: api.url, description: 'The API' })
    new CfnOutput(this, 'ApiId', { value: api.restApiId, description: 'Its id' })
    if (atRest !== undefined)
      new CfnOutput(this, 'CostAtRest', { value: atRest, description: 'What the stage costs at rest' })
  }

  /** Cognito's users, and the check of their tokens before a function is woken. */
  private authorization(settings: StageSettings): apigateway.MethodOptions {
    const { pool, client } = new Users(this, 'Users', settings)
    new CfnOutput(this, 'UserPoolId', { value: pool.userPoolId, description: 'Cognito user pool' })
    new CfnOutput(this, 'UserPoolClientId', { value: client.userPoolClientId, description: 'Cognito app client' })
    new CfnOutput(this, 'GetToken', {
      value: `aws cognito-idp admin-initiate-auth --user-pool-id ${pool.userPoolId} --client-id ${client.userPoolClientId} --auth-flow ADMIN_USER_PASSWORD_AUTH --auth-parameters 'USERNAME=<e-mail>,PASSWORD=<password>' --query AuthenticationResult.IdToken --output text`,
      description: 'Prints a token for Authorization: Bearer; docs/stages.md says how a user is made',
    })
    return {
      authorizer: new apigateway.CognitoUserPoolsAuthorizer(this, 'Authorizer', {
        cognitoUserPools: [pool],
        authorizerName: `${settings.namePrefix}recourse`,
      }),
      authorizationType: apigateway.AuthorizationType.COGNITO,
    }
  }

  private restApi(settings: StageSettings, key: kms.IKey): apigateway.RestApi {
    const accessLog = new EncryptedLogs(this, 'AccessLog', { settings, key })
    const api = new apigateway.RestApi(this, 'Api', {
      restApiName: `${settings.namePrefix}recourse`,
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
        throttlingRateLimit: settings.api.requestsPerSecond,
        throttlingBurstLimit: settings.api.burst,
      },
    })
    except(api, {
      rule: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      reason: "API Gateway's one logging role of the account, with the policy that AWS defines for it",
    })
    except(
      api.deploymentStage,
      {
        rule: 'CKV_AWS_120',
        reason: "Answers are the caller's own and change at any moment: a cache would show old ones",
      },
      {
        rule: 'CKV_AWS_73',
        reason: 'A trace is `traceparent`, which goes from the request through Kafka: X-Ray ends at the first topic',
      },
    )
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
