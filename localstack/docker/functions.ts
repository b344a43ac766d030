/** Functions that run in LocalStack, as the poller of this machine invokes them. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import * as z from 'zod'
import { FunctionError, type LocalFunction } from '../runtime/functions/function.ts'
import type { FunctionPlan } from '../runtime/template/plan-types.ts'
import { AWS } from './deploy.ts'

/** A first invocation may have to fetch an image and start a container, which its timeout does not count. */
const STARTS_WITHIN_MS = 120_000

/** By their names in the templates. `endpoint`: `http://127.0.0.1:4566`. */
export function remoteFunctions(
  plans: readonly FunctionPlan[],
  endpoint: string,
): ReadonlyMap<string, LocalFunction> & { close(): void } {
  const { region, ...credentials } = AWS
  // Who asks decides whether to ask again: the poller by the mapping's own rules.
  const client = new LambdaClient({ region, endpoint, credentials, maxAttempts: 1 })
  const functions = new Map(plans.map(plan => [plan.name, remoteFunction(plan, client)]))
  return Object.assign(functions, { close: () => client.destroy() })
}

function remoteFunction({ name, timeoutSeconds }: FunctionPlan, client: LambdaClient): LocalFunction {
  const counted = { invocations: 0, errors: 0, timeouts: 0 }

  async function invoke(event: unknown, { timeoutMs = timeoutSeconds * 1000 }: { timeoutMs?: number } = {}) {
    counted.invocations += 1
    try {
      return await answerTo(event, AbortSignal.timeout(timeoutMs + STARTS_WITHIN_MS))
    } catch (error) {
      counted.errors += 1
      if (error instanceof FunctionError && error.kind === 'timeout') counted.timeouts += 1
      throw error
    }
  }

  async function answerTo(event: unknown, abortSignal: AbortSignal): Promise<unknown> {
    const command = new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(event)) })
    const { FunctionError: failed, Payload } = await client.send(command, { abortSignal })
    const text = Buffer.from(Payload ?? []).toString('utf8')
    const answer: unknown = text === '' ? null : JSON.parse(text)
    if (failed === undefined) return answer
    const { errorType, errorMessage, trace } = Failure.parse(answer)
    const kind = /timed? ?out/i.test(`${errorType} ${errorMessage}`) ? 'timeout' : 'error'
    throw new FunctionError(name, kind, { errorType, errorMessage, trace: [trace].flat().join('\n') })
  }

  return {
    name,
    timeoutSeconds,
    invoke,
    // Who runs it counts the rest.
    stats: async () => ({ ...counted, databaseCalls: 0, cpuMs: 0, initMs: 0 }),
    stop: async () => {},
  }
}

/** What Lambda answers in the place of a function that failed. */
const Failure = z.object({
  errorType: z.string().default('Error'),
  errorMessage: z.string().default('it failed without a word'),
  trace: z.union([z.string(), z.array(z.string())]).default(''),
})
