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
    /** As it was asked for: with the stage before it, `/v1/orders`, unless the API has a domain of its own. */
    readonly path?: string
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
export function lambdaHandler(
  app: Hono<ApiEnv>,
): (event: ProxyEvent, context?: { readonly hungUp?: AbortSignal }) => Promise<ProxyResult> {
  return async (event, { hungUp } = {}) => {
    const { requestId, authorizer } = event.requestContext
    const response = await app.fetch(requestOf(event), { requestId, claims: authorizer?.claims, hungUp })
    const location = response.headers.get('location')
    return {
      statusCode: response.status,
      headers: {
        ...Object.fromEntries(response.headers),
        // Whoever follows it asks the host, where the API may stand below its stage.
        ...(location?.startsWith('/') && { location: `${stageOf(event)}${location}` }),
      },
      body: await response.text(),
      isBase64Encoded: false,
    }
  }
}

/** What stands before the API's own paths: `/v1`, or nothing. */
const stageOf = ({ path, requestContext: { path: asked = '' } }: ProxyEvent) =>
  asked.endsWith(path) ? asked.slice(0, -path.length) : ''

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
    ...(bodyless ? {} : { body: bytesOf(event.body ?? '', event.isBase64Encoded) }),
  })
}

/** Half a character has no bytes in UTF-8, and would become another one unseen: as JSON writes it, it is found, and refused. */
const bytesOf = (body: string, isBase64: boolean) =>
  isBase64
    ? Buffer.from(body, 'base64')
    : Buffer.from(body.replaceAll(/[\ud800-\udfff]/gu, half => `\\u${half.charCodeAt(0).toString(16)}`))

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
