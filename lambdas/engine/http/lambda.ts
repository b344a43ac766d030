import type { Hono } from 'hono'
import type { ApiEnv } from './api.ts'
import { ownPath } from './own-path.ts'

/** What is used of API Gateway's REST proxy event. */
export interface ProxyEvent {
  readonly httpMethod: string
  /** Percent-encoded, as it was sent; with a domain's base path before it. */
  readonly path: string
  /** The route: `/orders/{orderId}`. */
  readonly resource?: string
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null
  readonly headers: Readonly<Record<string, string | undefined>> | null
  readonly multiValueHeaders?: Readonly<Record<string, string[] | undefined>> | null
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null
  readonly multiValueQueryStringParameters?: Readonly<Record<string, string[] | undefined>> | null
  readonly body: string | null
  readonly isBase64Encoded: boolean
  readonly requestContext: {
    readonly requestId: string
    readonly accountId?: string
    readonly apiId?: string
    /** As it was asked for: with the stage or a base path before it, `/v1/orders`. */
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
    const { requestId, authorizer, accountId, apiId } = event.requestContext
    const deployment = JSON.stringify([accountId, apiId])
    const path = ownPath(event)
    const claims = authorizer?.claims
    const response = await app.fetch(requestOf(event, path), { requestId, claims, deployment, hungUp })
    const location = response.headers.get('location')
    return {
      statusCode: response.status,
      headers: {
        ...Object.fromEntries(response.headers),
        // Whoever follows it asks the host, where the API may stand below its stage.
        ...(location?.startsWith('/') && { location: `${before(path, event)}${location}` }),
      },
      body: await response.text(),
      isBase64Encoded: false,
    }
  }
}

/** What stands before the API's own paths: its stage or its domain's base path, `/v1`, or nothing. */
const before = (path: string, { requestContext: { path: asked = '' } }: ProxyEvent) =>
  asked.endsWith(path) ? asked.slice(0, -path.length) : ''

function requestOf(event: ProxyEvent, path: string): Request {
  const url = new URL('https://api.invalid')
  url.pathname = path
  for (const [name, values] of valuesOf(event.multiValueQueryStringParameters, event.queryStringParameters))
    for (const value of values) url.searchParams.append(name, value)
  const headers = new Headers()
  for (const [name, values] of valuesOf(event.multiValueHeaders, event.headers))
    if (IS_HEADER.test(name)) for (const value of values) headers.append(name, byteString(value))
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
  /[^ -\u00ff]/.test(value) ? Buffer.from(value.replaceAll(NEVER_SENT, '\ufffd'), 'utf8').toString('latin1') : value

/** What HTTP has no place for in a header: it becomes what is no text. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const NEVER_SENT = /[\0-\x08\n-\x1f]/g
const IS_HEADER = /^[\w!#$%&'*+.^`|~-]+$/
