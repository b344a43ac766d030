import { type Context, Hono } from 'hono'
import { RetryableError } from '../model/errors.ts'
import type { Log } from '../model/ports.ts'
import { type Identity, identityOf } from './identity.ts'
import { type ProblemName, problems } from '../catalog/problems.ts'
import { HttpProblem, PROBLEM_JSON, type ProblemDetails, problemDocument } from './problem.ts'

/** What an app gets with each request, and what its handlers find in the context. */
export interface ApiEnv {
  readonly Bindings: {
    readonly requestId: string
    /** The checked token's claims; undefined: there was no token. */
    readonly claims: Readonly<Record<string, unknown>> | undefined
    /** Aborted when nobody waits for the answer any more, where that is known. */
    readonly hungUp?: AbortSignal | undefined
    /** Which API of which account it is: a cursor of one is none of another. */
    readonly deployment?: string
  }
  readonly Variables: { readonly identity: Identity }
}
export type ApiContext = Context<ApiEnv>

/** Seconds after which a client may try again, on 503. */
const RETRY_AFTER_SECONDS = 1

/** An app where every request has an identity, every answer an `x-request-id`, and every error is a problem document. */
export function createApi(log: Log): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.use(async (c, next) => {
    c.set('identity', identityOf(c.env.claims))
    await next()
    c.header('x-request-id', c.env.requestId)
    c.header('cache-control', 'no-store')
    // Reads are in the access log; what changed something is found from its request, and the other way round.
    if (c.req.method !== 'GET')
      log.info('http.request', {
        requestId: c.env.requestId,
        method: c.req.method,
        path: c.req.path,
        status: c.res.status,
        location: c.res.headers.get('location') ?? undefined,
      })
  })
  app.notFound(c => answerProblem(c, 'not-found', { detail: `There is no route ${c.req.method} ${c.req.path}.` }))
  app.onError((error, c) => {
    if (error instanceof HttpProblem) return answerProblem(c, error.problem, error.details)
    if (error instanceof RetryableError) {
      log.warn('http.unavailable', { requestId: c.env.requestId, code: error.code, error: error.message })
      c.header('retry-after', String(RETRY_AFTER_SECONDS))
      return answerProblem(c, 'unavailable', { detail: 'Nothing is lost: send the same request again in a moment.' })
    }
    log.error('http.failed', { requestId: c.env.requestId, method: c.req.method, path: c.req.path, error })
    return answerProblem(c, 'internal', { detail: `It is logged under the request id ${c.env.requestId}.` })
  })
  return app
}

function answerProblem(c: ApiContext, problem: ProblemName, details: ProblemDetails): Response {
  c.header('x-request-id', c.env.requestId)
  c.header('content-type', PROBLEM_JSON)
  return c.body(JSON.stringify(problemDocument(problem, details, c.env.requestId)), problems[problem].status)
}
