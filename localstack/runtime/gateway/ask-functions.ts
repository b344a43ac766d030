import { FunctionError, type LocalFunction } from '../functions/function.ts'
import { gatewayProblem, problem } from './answers.ts'
import type { Ask, Asked } from './gateway.ts'
import { answerOf, type HttpAnswer, proxyEvent } from './proxy.ts'
import { AT_ONCE, laneOf, WAITING_HOLD_MS } from './lanes.ts'
import { createSemaphore } from './semaphore.ts'

interface AskFunctionsPorts {
  /** Tells this API from that of another start on other data, as AWS tells deployments. */
  readonly apiId?: string
  /** Why functions can't work right now; undefined if they can. */
  readonly unavailable: () => string | undefined
  /** Tells of what a user of the API can't see: a function that failed. */
  readonly show: (line: string) => void
}

/** The functions of this machine answer, by their names, as API Gateway's REST API asks them; what has a mock needs none. */
export function askFunctions(
  functions: ReadonlyMap<string, LocalFunction>,
  { apiId = 'local', unavailable, show }: AskFunctionsPorts,
): Ask {
  const lines = new Map([...functions.keys()].map(name => [name, newLines()]))

  async function invoke(name: string, event: ProxyEvent, { requestId, signal }: Request): Promise<unknown> {
    const of = lines.get(name)
    if (!of) return undefined
    const prefer = Object.entries(event.headers).find(([header]) => header.toLowerCase() === 'prefer')?.[1]
    const lane = laneOf({ method: event.httpMethod, prefer }, of.waiting)
    const handed = lane === 'without-waiting' ? withoutPreference(event) : event
    const work = async () => functions.get(name)?.invoke(handed, { requestId, signal })
    if (lane !== 'waiting') return of.ordinary(work, { signal })
    of.waiting += 1
    try {
      return await of.beforeWaiting(work, { signal, holdMs: WAITING_HOLD_MS })
    } finally {
      of.waiting -= 1
    }
  }

  return async ({ request, route: { path: resource, target }, requestId, signal, ...asked }) => {
    if (target.kind === 'mock')
      return { status: target.status, headers: { 'content-type': target.contentType }, body: target.body }
    const why = unavailable()
    if (why !== undefined) return problem('unavailable', why, requestId)
    return answerOfFunction(
      target.functionName,
      proxyEvent(request, { ...asked, resource, requestId, apiId, now: Date.now() }),
      { requestId, signal },
    )
  }

  async function answerOfFunction(name: string, event: ProxyEvent, asked: Request): Promise<HttpAnswer> {
    const { requestId } = asked
    try {
      const answer = answerOf(await invoke(name, event, asked))
      if (answer) return answer
      show(`${name} answered a request with what is no answer`)
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error
      show(error.message)
      const why = unavailable()
      if (why !== undefined) return problem('unavailable', why, requestId)
      if (error.kind === 'timeout')
        return gatewayProblem('timeout', 'Whether it had an effect is unknown: look before you repeat it.', requestId)
    }
    return gatewayProblem('bad-gateway', `It is logged under the request id ${requestId}.`, requestId)
  }
}

type ProxyEvent = ReturnType<typeof proxyEvent>
type Request = Pick<Asked, 'requestId' | 'signal'>

const newLines = () => ({ ordinary: createSemaphore(AT_ONCE), beforeWaiting: createSemaphore(AT_ONCE), waiting: 0 })

function withoutPreference(event: ProxyEvent): ProxyEvent {
  const others = <T>(headers: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'prefer'))
  return { ...event, headers: others(event.headers), multiValueHeaders: others(event.multiValueHeaders) }
}
