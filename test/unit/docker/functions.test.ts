import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { remoteFunctions } from '../../../localstack/docker/functions.ts'

interface Answer {
  readonly status?: number
  readonly failed?: string
  readonly body: unknown
}

/** Lambda's own API, as far as an invocation needs it. */
let server: Server
let asked: { url: string; event: unknown }[]
let answer: Answer
let functions: ReturnType<typeof remoteFunctions>
beforeEach(async () => {
  asked = []
  answer = { body: null }
  server = createServer((request, response) => {
    void text(request).then(body => {
      asked.push({ url: request.url ?? '', event: JSON.parse(body) })
      const headers = answer.failed === undefined ? {} : { 'X-Amz-Function-Error': answer.failed }
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...headers })
      response.end(JSON.stringify(answer.body))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const plan = {
    name: 'order',
    arn: 'arn',
    folder: '',
    handler: 'index.handler',
    environment: {},
    timeoutSeconds: 60,
    memoryMegabytes: 512,
  }
  functions = remoteFunctions([plan], `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterEach(async () => {
  functions.close()
  await new Promise(resolve => server.close(resolve))
})
const invoke = () => functions.get('order')?.invoke({ records: { 'orders-0': [] } })

describe('A function that runs elsewhere', () => {
  it('gets the event and gives the answer', async () => {
    answer = { body: { batchItemFailures: [] } }
    expect(await invoke()).toEqual({ batchItemFailures: [] })
    expect(asked).toEqual([{ url: '/2015-03-31/functions/order/invocations', event: { records: { 'orders-0': [] } } }])
  })

  it.each([
    [
      'threw',
      { errorType: 'TypeError', errorMessage: 'x is not', trace: ['TypeError', 'at y'] },
      'error',
      'TypeError: x is not',
    ],
    [
      'took too long',
      { errorMessage: 'Task timed out after 60.00 seconds' },
      'timeout',
      'Task timed out after 60.00 seconds',
    ],
    ['failed without a word', {}, 'error', 'it failed without a word'],
  ])('that %s, fails with its words', async (_, body, kind, message) => {
    answer = { failed: 'Unhandled', body }
    await expect(invoke()).rejects.toMatchObject({
      name: 'FunctionError',
      kind,
      message: expect.stringContaining(message),
    })
    expect(await functions.get('order')?.stats()).toMatchObject({ invocations: 1, errors: 1 })
  })

  it('is asked once: the poller decides whether to ask again', async () => {
    answer = { status: 500, body: { message: 'away' } }
    await expect(invoke()).rejects.toThrow()
    expect(asked).toHaveLength(1)
  })
})
