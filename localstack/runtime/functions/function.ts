import { randomUUID } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { FunctionPlan } from '../template/plan-types.ts'
import { REGION } from '../template/resource-types.ts'
import { byLine } from '../../servers/by-line.ts'
import type { FunctionLog } from './log.ts'
import { ownFrame } from './own-frame.ts'
import type { Abandon, FromWorker, FunctionFailure, Invoke, WorkerSettings } from './protocol.ts'

/** One function of the templates, in worker threads of its own. */
export interface LocalFunction {
  readonly name: string
  readonly timeoutSeconds: number
  /** Resolves with the handler's answer. Throws FunctionError when the handler throws, times out or loses its thread. */
  invoke(event: unknown, options?: InvokeOptions): Promise<unknown>
  stats(): Promise<FunctionStats>
  /** Ends its threads; what is under way fails. */
  stop(): Promise<void>
}

/** One in threads of this process. */
export interface ThreadedFunction extends LocalFunction {
  /**
   * Goes on with the bundle of another folder: what is under way ends where it began, what comes is handled by the new one.
   * Throws FunctionError if that can't be loaded, and goes on with the one that it had.
   */
  swap(folder: string): Promise<void>
}

export interface InvokeOptions {
  /** The template's timeout unless given. */
  readonly timeoutMs?: number
  readonly requestId?: string
  /** Aborted when nobody waits for the answer any more: the handler hears of it, and may end at once. */
  readonly signal?: AbortSignal | undefined
}

export interface FunctionStats {
  readonly invocations: number
  /** Thrown, timed out, or their thread ended. */
  readonly errors: number
  readonly timeouts: number
  /** Calls of DynamoDB by its threads; a repetition by the SDK counts. */
  readonly databaseCalls: number
  /** CPU time of its threads since their start, user and system. */
  readonly cpuMs: number
  /** From the start of loading its bundle until it could be invoked; the last thread's. */
  readonly initMs: number
}

export type FailureKind = 'error' | 'timeout' | 'ended'

/** An invocation that failed. `kind`: the handler threw; it took too long; its thread ended for another reason. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError'
  readonly kind: FailureKind
  readonly failure: FunctionFailure
  constructor(functionName: string, kind: FailureKind, failure: FunctionFailure) {
    const frame = ownFrame(failure.trace)
    super(
      `${functionName}: ${failure.errorType}: ${failure.errorMessage}${frame === undefined ? '' : ` (at ${frame})`}`,
    )
    this.kind = kind
    this.failure = failure
  }
}

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: FunctionError) => void
  readonly timer: NodeJS.Timeout
}
interface Thread {
  readonly worker: Worker
  readonly waiting: Map<number, Waiting>
  /** Rejects with a FunctionError if the bundle can't be loaded. */
  readonly ready: Promise<void>
}

/**
 * Starts a function's first thread and waits until its bundle is loaded. A timeout ends the thread, as Lambda does; the
 * invocations that it shared the thread with fail too, and a new thread takes its place. Throws FunctionError if the
 * bundle can't be loaded. `certificate`: PEM, trusted by it beside those that Node knows.
 */
export async function startFunction(
  plan: FunctionPlan,
  environment: Readonly<Record<string, string>>,
  log: FunctionLog,
  certificate?: string,
): Promise<ThreadedFunction> {
  const { name } = plan
  let thread: Thread | undefined
  let nextId = 0
  let stopped = false
  const databaseCalls = new Int32Array(new SharedArrayBuffer(4))
  const counted = { invocations: 0, errors: 0, timeouts: 0, initMs: 0 }
  /** CPU time of threads that have ended. */
  let spentMs = 0
  let folder = plan.folder
  /** Threads of bundles that were swapped, until what they have begun has ended. */
  const retiring = new Set<Thread>()

  function start(from: string): Thread {
    const waiting = new Map<number, Waiting>()
    const data: WorkerSettings = {
      name,
      arn: plan.arn,
      memoryMegabytes: plan.memoryMegabytes,
      folder: from,
      handler: plan.handler,
      certificate,
      databaseCalls,
    }
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      name,
      workerData: data,
      env: { ...environmentOfLambda(plan), ...environment },
      stdout: true,
      stderr: true,
    })
    byLine(worker.stdout, line => line !== '' && log(name, 'out', line))
    byLine(worker.stderr, line => line !== '' && log(name, 'err', line))
    const ready = new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') {
          counted.initMs = message.initMs
          resolve()
        } else if (message.kind === 'failed-start') reject(new FunctionError(name, 'error', message.error))
        else settle(waiting, message)
      })
      worker.once('exit', () => reject(ended('its thread ended while it loaded')))
    })
    ready.catch(() => {})
    const started = { worker, waiting, ready }
    const lose = (failure: FunctionError) => {
      if (thread === started) thread = undefined
      for (const id of waiting.keys()) fail(waiting, id, failure)
    }
    worker.once('error', (error: Error) =>
      lose(
        new FunctionError(name, 'error', {
          errorType: error.name,
          errorMessage: error.message,
          trace: error.stack ?? '',
        }),
      ),
    )
    worker.once('exit', code => lose(ended(`its thread ended with code ${code}`)))
    return started
  }

  const ended = (errorMessage: string) =>
    new FunctionError(name, 'ended', { errorType: 'Runtime.ExitError', errorMessage, trace: '' })

  function settle(waiting: Map<number, Waiting>, message: Extract<FromWorker, { id: number }>) {
    const invocation = waiting.get(message.id)
    if (!invocation) return
    if (message.kind === 'threw') return fail(waiting, message.id, new FunctionError(name, 'error', message.error))
    clearTimeout(invocation.timer)
    waiting.delete(message.id)
    invocation.resolve(JSON.parse(message.answer))
    void endRetired()
  }

  function fail(waiting: Map<number, Waiting>, id: number, error: FunctionError) {
    const invocation = waiting.get(id)
    if (!invocation) return
    counted.errors += 1
    clearTimeout(invocation.timer)
    waiting.delete(id)
    invocation.reject(error)
    void endRetired()
  }

  async function swap(to: string) {
    const next = start(to)
    try {
      await next.ready
    } catch (error) {
      await next.worker.terminate()
      throw error
    }
    folder = to
    const before = thread
    thread = next
    if (stopped) await next.worker.terminate()
    // Whoever waits until the old one is ready hands it an event right then.
    await before?.ready.catch(() => {})
    if (before) retiring.add(before)
    await endRetired()
  }

  async function endRetired() {
    for (const old of retiring) {
      if (old.waiting.size > 0) continue
      retiring.delete(old)
      spentMs += await cpuMsOf(old.worker)
      await old.worker.terminate()
    }
  }

  async function timeOut({ worker, waiting }: Thread, id: number, timeoutMs: number) {
    counted.timeouts += 1
    if (thread?.worker === worker) thread = undefined
    fail(
      waiting,
      id,
      new FunctionError(name, 'timeout', {
        errorType: 'Sandbox.Timedout',
        errorMessage: `it had no answer after ${timeoutMs / 1000} s`,
        trace: '',
      }),
    )
    spentMs += await cpuMsOf(worker)
    await worker.terminate()
  }

  async function invoke(
    event: unknown,
    { timeoutMs = plan.timeoutSeconds * 1000, requestId = randomUUID(), signal }: InvokeOptions = {},
  ): Promise<unknown> {
    if (stopped) throw ended('the runtime is stopping')
    counted.invocations += 1
    thread ??= start(folder)
    const to = thread
    try {
      await to.ready
    } catch (error) {
      counted.errors += 1
      if (thread === to) thread = undefined
      throw error
    }
    const id = (nextId += 1)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => void timeOut(to, id, timeoutMs), timeoutMs)
      to.waiting.set(id, { resolve, reject, timer })
      const call: Invoke = { id, event: JSON.stringify(event), requestId, deadline: Date.now() + timeoutMs }
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      to.worker.postMessage(call)
      signal?.addEventListener('abort', () => abandon(to, id), { once: true })
      if (signal?.aborted) abandon(to, id)
    })
  }

  /** It may be over: then nobody is told. */
  function abandon({ worker, waiting }: Thread, id: number) {
    const call: Abandon = { abandoned: id }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    if (waiting.has(id)) worker.postMessage(call)
  }

  thread = start(folder)
  await thread.ready
  return {
    name,
    timeoutSeconds: plan.timeoutSeconds,
    invoke,
    stats: async () => ({
      ...counted,
      databaseCalls: Atomics.load(databaseCalls, 0),
      cpuMs: (
        await Promise.all([...retiring, ...(thread ? [thread] : [])].map(({ worker }) => cpuMsOf(worker)))
      ).reduce((sum, ms) => sum + ms, spentMs),
    }),
    swap,
    async stop() {
      stopped = true
      await Promise.all([...retiring, ...(thread ? [thread] : [])].map(({ worker }) => worker.terminate()))
    },
  }
}

/** What Lambda itself sets; the template's variables and the overrides come on top. */
const environmentOfLambda = ({ name, memoryMegabytes, handler, environment }: FunctionPlan) => ({
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
  AWS_LAMBDA_LOG_FORMAT: 'JSON',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  _HANDLER: handler,
  TZ: ':UTC',
  ...environment,
})

/** A thread that has ended answers nothing any more. */
const cpuMsOf = (worker: Worker): Promise<number> =>
  Promise.race([
    worker.cpuUsage().then(({ user, system }) => (user + system) / 1000),
    new Promise<number>(resolve => setTimeout(() => resolve(0), 500).unref()),
  ]).catch(() => 0)
