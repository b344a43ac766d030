import * as apigateway from 'aws-cdk-lib/aws-apigateway'
import { Construct } from 'constructs'
import { type ProblemName, problems } from '#engine/catalog/problems.ts'
import { PROBLEM_JSON, problemDocument } from '#engine/http/problem.ts'

type Answer = readonly [type: apigateway.ResponseType, problem: ProblemName, detail: string]

/**
 * What API Gateway says itself, in quotes and escaped. Which field it was stands in `validationErrorString`, with quotes of
 * its own and not escaped: within JSON it would be no JSON any more, and a gateway response has no function that escapes.
 */
const MESSAGE = '$context.error.messageString'

/** What API Gateway answers itself, in the words of our own functions. The two defaults catch the rest. */
const ANSWERS: readonly Answer[] = [
  [apigateway.ResponseType.UNAUTHORIZED, 'unauthorized', 'Send a token as "Authorization: Bearer …".'],
  [apigateway.ResponseType.EXPIRED_TOKEN, 'unauthorized', 'The token has expired.'],
  [apigateway.ResponseType.ACCESS_DENIED, 'unauthorized', 'The token is not accepted here.'],
  // What API Gateway says of a path or a method that it does not have.
  [apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN, 'not-found', 'There is no such route.'],
  [apigateway.ResponseType.RESOURCE_NOT_FOUND, 'not-found', 'There is no such route.'],
  [apigateway.ResponseType.BAD_REQUEST_BODY, 'invalid', MESSAGE],
  [apigateway.ResponseType.BAD_REQUEST_PARAMETERS, 'invalid', MESSAGE],
  [apigateway.ResponseType.WAF_FILTERED, 'invalid', 'It looks like a known attack, or comes from a refused address.'],
  [apigateway.ResponseType.REQUEST_TOO_LARGE, 'too-large', 'The request is larger than the API takes.'],
  [apigateway.ResponseType.UNSUPPORTED_MEDIA_TYPE, 'not-json', 'Send application/json.'],
  [apigateway.ResponseType.THROTTLED, 'too-many-requests', 'Try again in a moment.'],
  [apigateway.ResponseType.QUOTA_EXCEEDED, 'too-many-requests', 'Try again later.'],
  [apigateway.ResponseType.INTEGRATION_FAILURE, 'unavailable', 'Try again in a moment.'],
  [apigateway.ResponseType.INTEGRATION_TIMEOUT, 'unavailable', 'It took too long: try again in a moment.'],
  [apigateway.ResponseType.DEFAULT_4XX, 'invalid', 'The request was refused before it reached the service.'],
  [apigateway.ResponseType.DEFAULT_5XX, 'internal', 'The request id says where to look in the logs.'],
]
const RETRY_AFTER_SECONDS = '1'

/** Problem documents and `x-request-id` also where no function was asked. */
export class GatewayProblems extends Construct {
  constructor(scope: Construct, id: string, restApi: apigateway.IRestApi) {
    super(scope, id)
    for (const [type, problem, detail] of ANSWERS)
      new apigateway.GatewayResponse(this, type.responseType, {
        restApi,
        type,
        statusCode: `${problems[problem].status}`,
        responseHeaders: {
          'Content-Type': `'${PROBLEM_JSON}'`,
          'x-request-id': 'context.requestId',
          ...(problem === 'unavailable' || problem === 'too-many-requests'
            ? { 'Retry-After': `'${RETRY_AFTER_SECONDS}'` }
            : {}),
        },
        templates: { 'application/json': templateOf(problem, detail) },
      })
  }
}

/** The problem document as JSON; a message of API Gateway's brings its own quotes. */
const templateOf = (problem: ProblemName, detail: string) =>
  JSON.stringify(problemDocument(problem, { detail }, '$context.requestId')).replace(`"${MESSAGE}"`, MESSAGE)
