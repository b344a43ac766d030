import diagnostics from 'node:diagnostics_channel'
import { existsSync } from 'node:fs'
import type { ClientRequest } from 'node:http'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { Abandon, FromWorker, FunctionFailure, Invoke, WorkerSettings } from './protocol.ts'

/**
 * The thread that a function runs in: loads the bundle that would be deployed, and hands events to its handler, several
 * at a time if they come so. Its environment is its own; a handler that never yields is ended from outside.
 */
type Handler = (event: unknown, context: object) => unknown

const settings = workerData as WorkerSettings
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
const say = (message: FromWorker) => parentPort?.postMessage(message)

/** The SDK's requests are seen as they leave, so that the bundle runs as it is. */
diagnostics.subscribe('http.client.request.start', message => {
  const target = (message as { request: ClientRequest }).request.getHeader('x-amz-target')
  if (typeof target === 'string' && target.startsWith('DynamoDB_')) Atomics.add(settings.databaseCalls, 0, 1)
})

if (settings.certificate !== undefined)
  setDefaultCACertificates([...getCACertificates('default'), settings.certificate])

/** By the invocation's number: what tells it that nobody waits any more. */
const underWay = new Map<number, AbortController>()

try {
  const from = performance.now()
  const handler = await load(settings)
  parentPort?.on('message', (message: Invoke | Abandon) => {
    if ('abandoned' in message) underWay.get(message.abandoned)?.abort()
    else void run(handler, message)
  })
  say({ kind: 'ready', initMs: performance.now() - from })
} catch (error) {
  say({ kind: 'failed-start', error: failureOf(error) })
}

async function load({ folder, handler }: WorkerSettings): Promise<Handler> {
  const [file = 'index', name = 'handler'] = handler.split('.')
  const bundle = join(folder, `${file}.mjs`)
  // A bundle that has a map is one to develop with: its stack traces name the files that were written.
  if (existsSync(`${bundle}.map`)) process.setSourceMapsEnabled(true)
  const module = (await import(pathToFileURL(bundle).href)) as Record<string, unknown>
  const found = module[name]
  if (typeof found !== 'function') throw new Error(`${file}.mjs exports no function ${name}`)
  return found as Handler
}

async function run(handler: Handler, { id, event, requestId, deadline }: Invoke) {
  const abandoned = new AbortController()
  underWay.set(id, abandoned)
  try {
    // Lambda has no such signal: what has none goes on to its end.
    const context = { ...contextOf(requestId, deadline), hungUp: abandoned.signal }
    const answer = JSON.stringify((await handler(JSON.parse(event), context)) ?? null)
    say({ kind: 'answered', id, answer })
  } catch (error) {
    say({ kind: 'threw', id, error: failureOf(error) })
  } finally {
    underWay.delete(id)
  }
}

function contextOf(requestId: string, deadline: number) {
  const { name, arn, memoryMegabytes } = settings
  return {
    awsRequestId: requestId,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    memoryLimitInMB: String(memoryMegabytes),
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  }
}

function failureOf(error: unknown): FunctionFailure {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: '' }
  return { errorType: error.name, errorMessage: error.message, trace: error.stack ?? '' }
}
