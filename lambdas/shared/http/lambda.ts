import type { Hono } from 'hono'
import type { ApiEnv } from './api.ts'

/** What is used of API Gateway's REST proxy event. */
export interface ProxyEvent {
  readonly httpMethod: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>> | null
  readonly multiValueHeaders?: Readonly<Record<string, string[] | undefined>> | null
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null
  readonly multiValueQueryStringParameters?: Readonly<Record<string, string[] | undefined>> | null
  readonly body: string | null
  readonly isBase64Encoded: boolean
  readonly requestContext: {
    readonly requestId: string
    readonly authorizer?: { readonly claims?: Readonly<Record<string, unknown>> } | null
  }
}

export interface ProxyResult {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: string
  readonly isBase64Encoded: false
}

/** The Lambda handler of an app behind API Gateway's REST proxy integration. */
export function lambdaHandler(app: Hono<ApiEnv>): (event: ProxyEvent) => Promise<ProxyResult> {
  return async event => {
    const { requestId, authorizer } = event.requestContext
    const response = await app.fetch(requestOf(event), { requestId, claims: authorizer?.claims })
    return {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
      isBase64Encoded: false,
    }
  }
}

function requestOf(event: ProxyEvent): Request {
  const url = new URL('https://api.invalid')
  url.pathname = event.path
  for (const [name, values] of valuesOf(event.multiValueQueryStringParameters, event.queryStringParameters))
    for (const value of values) url.searchParams.append(name, value)
  const headers = new Headers()
  for (const [name, values] of valuesOf(event.multiValueHeaders, event.headers))
    for (const value of values) headers.append(name, byteString(value))
  const bodyless = event.body === null || event.httpMethod === 'GET' || event.httpMethod === 'HEAD'
  return new Request(url, {
    method: event.httpMethod,
    headers,
    ...(bodyless ? {} : { body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8') }),
  })
}

function valuesOf(
  many: Readonly<Record<string, string[] | undefined>> | null | undefined,
  one: Readonly<Record<string, string | undefined>> | null | undefined,
): [string, string[]][] {
  const merged = new Map<string, string[]>()
  for (const [name, value] of Object.entries(one ?? {})) if (value !== undefined) merged.set(name, [value])
  for (const [name, values] of Object.entries(many ?? {})) if (values !== undefined) merged.set(name, values)
  return [...merged]
}

/** A header is bytes, one a character; text beyond that becomes its UTF-8 bytes, and is refused where it matters. */
const byteString = (value: string) =>
  /[^ -\u00ff]/.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value
