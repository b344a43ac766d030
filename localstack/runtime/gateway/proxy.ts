import type { IncomingMessage } from 'node:http'
import { isUtf8 } from 'node:buffer'
import { isRecord } from '../sources/delivery.ts'
import { ACCOUNT } from '../template/resource-types.ts'
import type { Claims } from '../identity.ts'

/** A request as API Gateway's REST API hands it to a function (proxy integration, payload version 1.0). */
export function proxyEvent(
  request: IncomingMessage,
  about: {
    readonly path: string
    readonly search: URLSearchParams
    readonly resource: string
    readonly params: Readonly<Record<string, string>>
    readonly body: Buffer
    readonly claims: Claims | undefined
    readonly requestId: string
    readonly apiId: string
    readonly now: number
  },
) {
  const { path, search, resource, params, body, claims, requestId, apiId, now } = about
  const headers = headersOf(request.rawHeaders)
  const text = isUtf8(body)
  return {
    resource,
    path,
    httpMethod: request.method ?? 'GET',
    headers: lastOf(headers),
    multiValueHeaders: headers,
    queryStringParameters: emptyAsNull(lastOf(grouped([...search]))),
    multiValueQueryStringParameters: emptyAsNull(grouped([...search])),
    pathParameters: emptyAsNull(params),
    stageVariables: null,
    requestContext: {
      accountId: ACCOUNT,
      apiId,
      ...(claims && { authorizer: { claims } }),
      httpMethod: request.method ?? 'GET',
      identity: {
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: request.headers['user-agent'] ?? null,
      },
      // As with a domain of one's own: no stage stands before the path.
      path,
      protocol: `HTTP/${request.httpVersion}`,
      requestId,
      requestTimeEpoch: now,
      resourcePath: resource,
      stage: 'local',
    },
    body: body.length === 0 ? null : body.toString(text ? 'utf8' : 'base64'),
    isBase64Encoded: body.length > 0 && !text,
  }
}

/** `[name, value, name, value]` as it was sent → the values of each name, in its first spelling. */
function headersOf(raw: readonly string[]): Record<string, string[]> {
  const spelling = new Map<string, string>()
  const pairs: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const first = spelling.get(name.toLowerCase()) ?? name
    spelling.set(name.toLowerCase(), first)
    pairs.push([first, raw[i + 1] ?? ''])
  }
  return grouped(pairs)
}

function grouped(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  // A map: `constructor` and `__proto__` are names as good as any.
  const all = new Map<string, string[]>()
  for (const [name, value] of pairs) all.set(name, [...(all.get(name) ?? []), value])
  return Object.fromEntries(all)
}

const lastOf = (all: Readonly<Record<string, string[]>>) =>
  Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.at(-1) ?? '']))

const emptyAsNull = <T extends object>(record: T): T | null => (Object.keys(record).length === 0 ? null : record)

/** A function's answer, ready to be sent. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer | string
}

/** Undefined if it is not what API Gateway takes for an answer. */
export function answerOf(result: unknown): HttpAnswer | undefined {
  if (!isRecord(result)) return undefined
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = result
  if (typeof statusCode !== 'number' || !Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599)
    return undefined
  if (body !== undefined && body !== null && typeof body !== 'string') return undefined
  const text = body ?? ''
  return {
    status: statusCode,
    headers: { ...textHeaders(headers), ...textHeaders(multiValueHeaders) },
    body: isBase64Encoded === true ? Buffer.from(text, 'base64') : text,
  }
}

const textHeaders = (headers: unknown): Record<string, string | string[]> =>
  isRecord(headers)
    ? Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name.toLowerCase(),
          Array.isArray(value) ? value.map(String) : String(value),
        ]),
      )
    : {}
