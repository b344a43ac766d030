import { FunctionError, type LocalFunction } from '../functions/function.ts'
import { gatewayProblem, problem } from './answers.ts'
import type { Ask } from './gateway.ts'
import { answerOf, type HttpAnswer, proxyEvent } from './proxy.ts'
import { createSemaphore } from './semaphore.ts'

interface AskFunctionsPorts {
  /** Tells this API from that of another start on other data, as AWS tells deployments. */
  readonly apiId?: string
  /** Why functions can't work right now; undefined if they can. */
  readonly unavailable: () => string | undefined
  /** Tells of what a user of the API can't see: a function that failed. */
  readonly show: (line: string) => void
}

/**
 * Requests that one function works on at once; more wait in line. In AWS each has an environment of its own; here they
 * share one thread and one DynamoDB Local, where thousands at once would all wait too long for their write.
 */
const AT_ONCE = 200
/** The functions of this machine answer, by their names, as API Gateway's REST API asks them; what has a mock needs none. */
export function askFunctions(
  functions: ReadonlyMap<string, LocalFunction>,
  { apiId = 'local', unavailable, show }: AskFunctionsPorts,
): Ask {
  const semaphore = new Map([...functions.keys()].map(name => [name, createSemaphore(AT_ONCE)]))
  const invoke = async (name: string, event: object, requestId: string) =>
    semaphore.get(name)?.(async () => functions.get(name)?.invoke(event, { requestId }))

  return async ({ request, route: { path: resource, target }, requestId, ...asked }) => {
    if (target.kind === 'mock')
      return { status: target.status, headers: { 'content-type': target.contentType }, body: target.body }
    const why = unavailable()
    if (why !== undefined) return problem('unavailable', why, requestId)
    return answerOfFunction(
      target.functionName,
      proxyEvent(request, { ...asked, resource, requestId, apiId, now: Date.now() }),
      requestId,
    )
  }

  async function answerOfFunction(name: string, event: object, requestId: string): Promise<HttpAnswer> {
    try {
      const answer = answerOf(await invoke(name, event, requestId))
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
