/** The REST API without a network: a call as API Gateway hands it to its function. */
import type { Hono } from 'hono'
import type { ApiEnv } from '../http/api.ts'
import { lambdaHandler, type ProxyEvent } from '../http/lambda.ts'

export interface Call {
  readonly method?: string
  /** With its query: `/orders?limit=2`. */
  readonly path: string
  /** Whose token it is; null: without one. Default `alice`. */
  readonly sub?: string | null
  readonly groups?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into every shape
  readonly body: any
}

/** Calls an app as API Gateway calls its function. */
export function gatewayTo(app: Hono<ApiEnv>): (call: Call) => Promise<Answer> {
  const handler = lambdaHandler(app)
  return async call => {
    const { statusCode, headers, body } = await handler(proxyEvent(call))
    return { status: statusCode, headers, body: JSON.parse(body) as unknown }
  }
}

export function proxyEvent({ method = 'GET', path, sub = 'alice', groups, headers = {}, body, raw }: Call): ProxyEvent {
  const url = new URL(path, 'https://api.invalid')
  const text = raw ?? (body === undefined ? null : JSON.stringify(body))
  return {
    httpMethod: method,
    path: url.pathname,
    headers: {
      ...(text === null || 'content-type' in headers ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    queryStringParameters: Object.fromEntries(url.searchParams),
    multiValueQueryStringParameters: Object.fromEntries(
      [...url.searchParams.keys()].map(name => [name, url.searchParams.getAll(name)]),
    ),
    body: text,
    isBase64Encoded: false,
    requestContext: {
      requestId: 'request-1',
      authorizer:
        sub === null ? null : { claims: { sub, ...(groups === undefined ? {} : { 'cognito:groups': groups }) } },
    },
  }
}
