import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type HttpProblem, invalidFields } from '#engine/http/problem.ts'
import { queryErrors } from '#engine/http/query.ts'
import { isEncodedText, noText } from '#engine/http/text.ts'
import { CannotStart } from '../../servers/index.ts'
import { type Claims, claimsOf } from '../identity.ts'
import type { RoutePlan } from '../template/plan-types.ts'
import { gatewayProblem, json, problem, unreadable } from './answers.ts'
import type { HttpAnswer } from './proxy.ts'
import { createRouter } from './routes.ts'

/** A route that only this machine has. Operators only. */
export interface ExtraRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** `body` is parsed JSON, or undefined without a body. `undefined` as the answer's body is an empty object. */
  readonly handle: (request: {
    readonly params: Readonly<Record<string, string>>
    readonly body: unknown
  }) => Promise<ExtraAnswer>
}
export type ExtraAnswer =
  | { readonly status: 200 | 202; readonly body?: unknown }
  | { readonly status: 400 | 404; readonly detail: string }

/** A request that may be answered: its token is good, if the route asks for one, and its body is not too large. */
export interface Asked {
  readonly request: IncomingMessage
  readonly route: RoutePlan
  readonly path: string
  readonly search: URLSearchParams
  readonly params: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly claims: Claims | undefined
  readonly requestId: string
  /** Aborted when its sender hangs up before it has the answer: nobody waits for it any more. */
  readonly signal: AbortSignal
}

/** Who answers: the functions of this machine, or an API that another runs. */
export type Ask = (asked: Asked) => Promise<HttpAnswer>

export interface Gateway {
  /** `http://127.0.0.1:3000` */
  readonly url: string
  /** Gives the API its routes and who answers them; until then every request is answered 503. */
  open(routes: readonly RoutePlan[], ask: Ask, extraRoutes: readonly ExtraRoute[]): void
  stop(): Promise<void>
}

export interface GatewayOptions {
  readonly port: number
  /** Tokens are signed with it. */
  readonly key: Uint8Array
  /** Tells of what a user of the API can't see. */
  readonly show: (line: string) => void
}

/** Bytes of a body, at most. */
const BODY_MAX = 64 * 1024
/** Bytes of a body that are still read and thrown away, so that its sender gets an answer. */
const DISCARD_MAX = 32 * 1024 * 1024

type Route =
  | (RoutePlan & { readonly extra?: undefined })
  | { readonly method: string; readonly path: string; readonly authorized: true; readonly extra: ExtraRoute }

/** Listens at once, so that a taken port is known before anything is started. Throws CannotStart that names the port and its variable. */
export async function startGateway({ port, key, show }: GatewayOptions): Promise<Gateway> {
  let find: ReturnType<typeof createRouter<Route>> | undefined
  let ask: Ask | undefined

  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    const requestId = randomUUID()
    const hungUp = new AbortController()
    response.once('close', () => {
      if (!response.writableFinished) hungUp.abort()
    })
    handle(request, { requestId, signal: hungUp.signal })
      .catch((error: unknown) => {
        // Who hung up needs no answer, and did nothing wrong.
        if (!request.destroyed && !hungUp.signal.aborted)
          show(`gateway: ${request.method} ${request.url?.split('?', 1)[0]}: ${String(error)}`)
        return problem('internal', 'The request id says where to look in the logs.', requestId)
      })
      .then(answer => send(response, answer, requestId))
      .catch((error: unknown) => show(`gateway: an answer could not be sent: ${String(error)}`))
  })

  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const requestId = randomUUID()
    sendRaw(socket, unreadable(error.code, requestId), requestId)
  })

  async function handle(
    request: IncomingMessage,
    { requestId, signal }: Pick<Asked, 'requestId' | 'signal'>,
  ): Promise<HttpAnswer> {
    const body = await readBody(request)
    if (!find || !ask) return problem('unavailable', 'It is starting.', requestId)
    const url = addressOf(request.url ?? '/')
    if (!url) return problem('invalid', 'The address is none.', requestId)
    const { pathname, search, searchParams } = url
    const found = find(request.method ?? 'GET', pathname)
    if (found.kind === 'nothing') return problem('not-found', `There is no route ${pathname}.`, requestId)
    if (found.kind === 'malformed') return problem('invalid', 'The path is not encoded as it should be.', requestId)
    if (found.kind === 'other-method') {
      const allow = found.allowed.join(', ')
      return gatewayProblem('method-not-allowed', `${pathname} takes ${allow}.`, requestId, { allow })
    }
    const { route, params } = found
    const claims = route.authorized ? await claimsOf(request.headers.authorization, key) : undefined
    if (typeof claims === 'string') return problem('unauthorized', claims, requestId, { 'www-authenticate': 'Bearer' })
    if (body === 'too large') return problem('too-large', `The body has more than ${BODY_MAX} bytes.`, requestId)
    const broken = brokenNames(search)
    if (broken.length > 0) return invalidAnswer(invalidFields(broken.map(noText)), requestId)
    if (route.extra) return answerExtra(route.extra, { claims: claims ?? {}, params, searchParams, body, requestId })
    return ask({ request, route, path: pathname, search: searchParams, params, body, claims, requestId, signal })
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new CannotStart(
              `port ${port} is taken, the API cannot start: stop what uses it, or set PORT to another port`,
            )
          : error,
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const listening = address && typeof address === 'object' ? address.port : port

  return {
    url: `http://127.0.0.1:${listening}`,
    open(routes, answers, extraRoutes) {
      ask = answers
      find = createRouter<Route>([
        ...routes,
        ...extraRoutes.map(extra => ({ method: extra.method, path: extra.path, authorized: true as const, extra })),
      ])
    },
    stop: () =>
      new Promise(resolve => {
        find = undefined
        server.close(() => resolve())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), 2000).unref()
      }),
  }
}

/** What was asked for: a path, or as proxies send it a whole address. `//orders` is a path, and names no host. */
const addressOf = (url: string): URL | null => URL.parse(url.startsWith('/') ? `http://127.0.0.1${url}` : url)

/** Names of a query whose bytes are no UTF-8: decoded, they would pass for others. */
const brokenNames = (search: string) =>
  search
    .slice(1)
    .split('&')
    .map(pair => pair.replaceAll('+', ' ').split('=', 2))
    .filter(pair => !pair.every(isEncodedText))
    .map(([name = '']) => name)

const invalidAnswer = ({ problem: name, details }: HttpProblem, requestId: string) =>
  problem(name, details.detail, requestId, {}, details.errors)

async function answerExtra(
  { handle }: ExtraRoute,
  {
    claims,
    params,
    searchParams,
    body,
    requestId,
  }: Pick<Asked, 'params' | 'body' | 'requestId'> & {
    readonly claims: Claims
    readonly searchParams: URLSearchParams
  },
): Promise<HttpAnswer> {
  if (!(claims['cognito:groups'] ?? '').split(',').includes('operators'))
    return problem('forbidden', 'The token\'s user is not in the group "operators".', requestId)
  const unknown = queryErrors(searchParams, [])
  if (unknown.length > 0) return invalidAnswer(invalidFields(unknown), requestId)
  let parsed: unknown
  try {
    parsed = body.length === 0 ? undefined : JSON.parse(body.toString('utf8'))
  } catch {
    return problem('invalid', 'body: is not JSON', requestId)
  }
  const answer = await handle({ params, body: parsed })
  if (answer.status === 400) return problem('invalid', answer.detail, requestId)
  if (answer.status === 404) return problem('not-found', answer.detail, requestId)
  return json(answer.status, 'body' in answer ? (answer.body ?? {}) : {})
}

async function readBody(request: IncomingMessage): Promise<Buffer | 'too large'> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= BODY_MAX) chunks.push(chunk)
    if (size > DISCARD_MAX) break
  }
  return size > BODY_MAX ? 'too large' : Buffer.concat(chunks)
}

/** Where there is no request to answer: the last thing on its connection. */
function sendRaw(socket: Duplex, { status, headers, body }: HttpAnswer, requestId: string): void {
  if (!socket.writable) return void socket.destroy()
  const all = { ...headers, 'x-request-id': requestId, 'content-length': Buffer.byteLength(body), connection: 'close' }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${String(value)}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head.join('')}\r\n${body.toString()}`)
}

async function send(response: ServerResponse, { status, headers, body }: HttpAnswer, requestId: string): Promise<void> {
  if (response.destroyed) return
  response.writeHead(status, { ...headers, 'x-request-id': requestId, 'content-length': Buffer.byteLength(body) })
  await new Promise<void>(resolve => {
    response.once('close', resolve)
    response.end(body, () => resolve())
  })
}
