import { type ProblemName, problems } from '#engine/catalog/problems.ts'
import { PROBLEM_JSON } from '#engine/http/problem.ts'
import { gatewayProblem, problem } from './answers.ts'
import type { Ask } from './gateway.ts'
import type { HttpAnswer } from './proxy.ts'

/** Those of one connection, not of a request (RFC 9110, 7.6.1), and what `fetch` says by itself or has undone. */
const NOT_PASSED_ON = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** Milliseconds: API Gateway gives a function 29 s. */
const ANSWERS_WITHIN_MS = 35_000

const NAMES = Object.entries(problems) as [ProblemName, { readonly status: number }][]

/** What an API says that does not carry out our gateway responses: `{"message": "Invalid request body"}`. */
function inOurWords(status: number, text: string, requestId: string): HttpAnswer {
  const [, message = 'It said no more.'] = /^\s*\{\s*"message"\s*:\s*"([^"\\]{1,200})"/.exec(text) ?? []
  if (status === 502 || status === 504)
    return gatewayProblem(
      status === 504 ? 'timeout' : 'bad-gateway',
      `The API behind this one says: ${message}`,
      requestId,
    )
  const [name] = NAMES.find(([, of]) => of.status === status) ?? [status < 500 ? 'invalid' : 'internal']
  return problem(name, `The API behind this one says: ${message}`, requestId)
}

/** The API behind this one stands below a stage, which is part of its `url`; ours stands at the root. */
function ourLocation(url: string, location: string | null): { location?: string } {
  const [, first = '', ...rest] = location?.split('/') ?? []
  const isStage = location?.startsWith('/') && new URL(url).pathname.split('/').includes(first) && rest.length > 0
  return isStage ? { location: `/${rest.join('/')}` } : {}
}

/** A REST API that another runs answers. `url`: of its stage, without a slash at its end. */
export const askApi =
  (url: string, show: (line: string) => void): Ask =>
  async ({ request, path, search, body, requestId, signal }) => {
    const method = request.method ?? 'GET'
    try {
      const answer = await fetch(`${url}${path}${search.size > 0 ? `?${search.toString()}` : ''}`, {
        method,
        headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
          value === undefined || NOT_PASSED_ON.has(name) ? [] : [[name, [value].flat().join(', ')]],
        ),
        ...(method === 'GET' || method === 'HEAD' ? {} : { body: new Uint8Array(body) }),
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWERS_WITHIN_MS)]),
      })
      const text = Buffer.from(await answer.arrayBuffer())
      if (answer.status >= 400 && !answer.headers.get('content-type')?.startsWith(PROBLEM_JSON))
        return inOurWords(answer.status, text.toString('utf8'), requestId)
      return {
        status: answer.status,
        headers: {
          ...Object.fromEntries([...answer.headers].filter(([name]) => !NOT_PASSED_ON.has(name))),
          ...ourLocation(url, answer.headers.get('location')),
        },
        body: text,
      }
    } catch (error) {
      // Who hung up needs no answer, and the API did nothing wrong.
      if (!signal.aborted) show(`${method} ${path}: ${url} did not answer: ${String((error as Error).cause ?? error)}`)
      if ((error as Error).name === 'TimeoutError')
        return gatewayProblem('timeout', 'Whether it had an effect is unknown: look before you repeat it.', requestId)
      return gatewayProblem('bad-gateway', 'The API behind this one did not answer.', requestId)
    }
  }
