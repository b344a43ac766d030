import * as apigateway from 'aws-cdk-lib/aws-apigateway'
import { HEALTHY, healthRoute } from '#engine/http/health.ts'
import { except } from '../lint-suppressions.ts'

/** `GET /health` → 200 `{"status":"ok"}`, answered by API Gateway itself, with no token. */
export function addHealth(api: apigateway.RestApi) {
  const header = 'method.response.header.x-request-id'
  const answer = new apigateway.MockIntegration({
    requestTemplates: { 'application/json': JSON.stringify({ statusCode: 200 }) },
    passthroughBehavior: apigateway.PassthroughBehavior.NEVER,
    integrationResponses: [
      {
        statusCode: '200',
        responseTemplates: { 'application/json': JSON.stringify(HEALTHY) },
        responseParameters: { [header]: 'context.requestId' },
      },
    ],
  })
  const method = api.root.resourceForPath(healthRoute.path).addMethod(healthRoute.method, answer, {
    authorizationType: apigateway.AuthorizationType.NONE,
    methodResponses: [{ statusCode: '200', responseParameters: { [header]: true } }],
  })
  const reason = 'Load balancers and monitors ask without a token, and learn nothing'
  except(
    method,
    { rule: 'AwsSolutions-APIG4', reason },
    { rule: 'AwsSolutions-COG4', reason },
    { rule: 'CKV_AWS_59', reason },
  )
}
