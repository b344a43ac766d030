import type { ProblemName } from '#engine/catalog/problems.ts'
import { type FieldError, PROBLEM_JSON, problemDocument } from '#engine/http/problem.ts'
import type { HttpAnswer } from './proxy.ts'

/** What the gateway answers by itself, in the words of the functions. */

/** Seconds after which a client may try again, on 503. */
const RETRY_AFTER_SECONDS = '1'

export function problem(
  name: ProblemName,
  detail: string,
  requestId: string,
  headers: Record<string, string> = {},
  errors?: readonly FieldError[],
): HttpAnswer {
  const document = problemDocument(name, { detail, ...(errors && { errors }) }, requestId)
  return document_(document.status, document, {
    ...headers,
    ...(name === 'unavailable' && { 'retry-after': RETRY_AFTER_SECONDS }),
  })
}

/** What is no HTTP, has too long a head, or takes too long to arrive. `code`: Node's. */
export function unreadable(code: string | undefined, requestId: string): HttpAnswer {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return gatewayProblem('request-timeout', 'Send the whole request at once.', requestId)
  const detail =
    code === 'HPE_HEADER_OVERFLOW' ? 'The path and the headers are too long.' : 'The request is no HTTP/1.1.'
  return problem('invalid', detail, requestId)
}

/** What only a gateway has to say: a known path asked by another method, a function that failed or was too slow. */
const own = {
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  'method-not-allowed': { status: 405, title: 'This route takes other methods' },
  'bad-gateway': { status: 502, title: 'The function behind this route failed' },
  timeout: { status: 504, title: 'The function behind this route took too long' },
} as const

export function gatewayProblem(
  name: keyof typeof own,
  detail: string,
  requestId: string,
  headers: Record<string, string> = {},
): HttpAnswer {
  const { status, title } = own[name]
  return document_(status, { type: `urn:recourse:problem:${name}`, title, status, detail, requestId }, headers)
}

const document_ = (status: number, document: object, headers: Record<string, string>): HttpAnswer => ({
  status,
  headers: { 'content-type': PROBLEM_JSON, 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(document),
})

export const json = (status: number, body: unknown): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
})
