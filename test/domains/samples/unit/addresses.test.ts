/** Every saga that there can be is shown and retried by its address, whatever its id is: foreign ids are any text. */
import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '#engine/adapters/node/clock.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { whyNoSagaId } from '#engine/delivery/saga-id.ts'
import { packItem } from '#engine/delivery/stored-item.ts'
import { createApi } from '#engine/http/api.ts'
import { lambdaHandler, type ProxyEvent } from '#engine/http/lambda.ts'
import { serve } from '#engine/http/route.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import type { SagaState } from '#engine/saga/state.ts'
import { buildCli } from '../../../../bin/cli/program.ts'
import { ApiError, apiClient } from '../../../../client/api-client.ts'
import { pathOf } from '../../../../client/path.ts'
import { deadLettersTable } from '../../../../lambdas/platform/dead-letters/tables.ts'
import { createOperationsApi } from '../../../../lambdas/platform/operations/api.ts'
import { operationsRoutes } from '../../../../lambdas/platform/operations/routes.ts'
import { sagaActionsTable } from '../../../../lambdas/platform/operations/tables.ts'
import { orderSaga } from '../../../../lambdas/sagas/order/saga.ts'
import type { LocalFunction } from '../../../../localstack/runtime/functions/function.ts'
import { askFunctions } from '../../../../localstack/runtime/gateway/ask-functions.ts'
import { type Gateway, startGateway } from '../../../../localstack/runtime/gateway/gateway.ts'
import { signToken } from '../../../../localstack/runtime/identity.ts'
import { proxyEvent, recordedLog } from '../../../support/http.ts'

const key = new Uint8Array(randomBytes(32))
const store = memoryStore([sagasTable, sagaActionsTable, deadLettersTable])
let made = 0
const ports = { store, clock: systemClock, log: recordedLog(), newId: () => `action-${(made += 1)}` }
const handler = lambdaHandler(createOperationsApi({ ...ports, consumers: {}, definitions: [orderSaga] }))
const complaints: string[] = []
let gateway: Gateway
let token: string

beforeAll(async () => {
  token = await signToken({ sub: 'olga', groups: ['operators'] }, key)
  const show = (line: string) => void complaints.push(line)
  gateway = await startGateway({ port: 0, key, show })
  const operations: LocalFunction = {
    name: 'operations',
    timeoutSeconds: 29,
    invoke: event => handler(event as ProxyEvent),
    stats: () => Promise.reject(new Error('not counted')),
    stop: async () => {},
  }
  const target = { kind: 'function', functionName: 'operations' } as const
  const routes = Object.values(operationsRoutes).map(({ method, path }) => ({ method, path, authorized: true, target }))
  gateway.open(routes, askFunctions(new Map([['operations', operations]]), { unavailable: () => undefined, show }), [])
})
afterAll(async () => {
  expect(complaints).toEqual([])
  await gateway.stop()
})

/** A saga that waits for its first reply. */
async function makeSaga(id: string): Promise<void> {
  const state: SagaState = {
    definition: 1,
    status: 'RUNNING',
    step: 'reserve',
    doing: 'do',
    data: {},
    pendingId: [1, 0],
    attempt: 1,
    deadlineAt: Date.parse('2026-11-21T12:15:00Z'),
    wakeAt: Date.parse('2026-11-21T12:10:00Z'),
    startedAt: Date.parse('2026-11-21T12:00:00Z'),
    updatedAt: Date.parse('2026-11-21T12:10:00Z'),
    timeline: '[]',
  }
  const item = packItem(orchestrator(orderSaga), id, {
    state,
    version: 1,
    handled: [],
    sent: [],
    rows: [],
    committedAt: 0,
  })
  await store.commit([{ ref: { table: 'sagas', key: { sagaKey: `order:${id}` } }, previous: undefined, item }])
}

const odd = fc.constantFrom(
  '/',
  '%',
  '%2F',
  '%2e',
  '~',
  '.',
  '..',
  '?',
  '#',
  '\\',
  ':',
  '+',
  ' ',
  '&',
  '=',
  '\n',
  '\0',
  '\u202e',
  '\ufeff',
  'é',
  '😀',
  '𝒳',
  '@',
  "'",
)
const id = fc
  .oneof(
    fc.array(odd, { minLength: 1, maxLength: 6 }).map(parts => parts.join('')),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 120 }),
  )
  .filter(text => text.isWellFormed() && !text.includes('\ufffd') && whyNoSagaId(text) === undefined)

test('By the API, through the gateway, and by the command line', { timeout: 60_000 }, async () => {
  const api = apiClient(gateway.url, token)
  const cli = async (...args: string[]) => {
    const out: string[] = []
    const env = { RECOURSE_TOKEN: token, RECOURSE_URL: gateway.url }
    const code = await buildCli({ env, out: text => void out.push(text), err: text => void out.push(text) })(args)
    return { code, out: out.join('\n') }
  }
  await fc.assert(
    fc.asyncProperty(id, async id => {
      await makeSaga(id)
      expect((await api({ path: pathOf('sagas', 'order', id) })).body).toMatchObject({ id })
      const retried = await api({ method: 'POST', path: pathOf('sagas', 'order', id, 'retry'), body: { reason: 'x' } })
      expect(retried).toMatchObject({ status: 202, body: { id } })
      expect(store.items('saga-actions').at(-1)).toMatchObject({ sagaId: id })
      const shown = await cli('--json', 'sagas', 'show', '--', 'order', id)
      expect([shown.code, (JSON.parse(shown.out) as { id: string }).id]).toEqual([0, id])
      expect((await cli('sagas', 'abort', '--reason', 'x', '--', 'order', id)).code).toBe(0)
    }),
    {
      numRuns: 150,
      examples: [['a/../b'], ['..%2F'], ['%2E%2E'], ['...'], ['😀'.repeat(256)], ['constructor'], ['__proto__']],
    },
  )
})

test.each(['', '.', '..'])('There is no path of %j: it would be another one', segment => {
  expect(() => pathOf('sagas', 'order', segment, 'retry')).toThrow(ApiError)
})

describe('By API Gateway’s event', () => {
  const resource = '/sagas/{saga}/{id}/retry'
  const ask = async (path: string, id: string, asked = path) => {
    const event = proxyEvent({ method: 'POST', path: '/', body: { reason: 'x' }, sub: 'olga', groups: 'operators' })
    const pathParameters = { saga: 'order', id }
    const requestContext = { ...event.requestContext, path: asked }
    return handler({ ...event, path, resource, pathParameters, requestContext })
  }
  test('as it is sent, below a stage or a base path, and where the path is decoded', async () => {
    await fc.assert(
      fc.asyncProperty(id, async id => {
        await makeSaga(id)
        const path = `/sagas/order/${encodeURIComponent(id)}/retry`
        for (const sent of [path, `/shop${path}`, `/sagas/v1${path}`])
          expect(await ask(sent, id)).toMatchObject({ statusCode: 202 })
        // Only what has a slash looks like another path once it is decoded.
        if (id.includes('/')) expect(await ask(`/sagas/order/${id}/retry`, id)).toMatchObject({ statusCode: 202 })
      }),
      { numRuns: 200 },
    )
  })
  test.each([
    ['/things', '/things', '/things/1'],
    ['/things', '/v1/things', '/v1/things/1'],
    ['/shop/things', '/shop/things', '/shop/things/1'],
  ])('%s, asked for as %s, says where what it made is: %s', async (path, asked, location) => {
    const routes = { make: { method: 'POST', path: '/things', callers: 'anyone' } } as const
    const made = lambdaHandler(
      serve(createApi(recordedLog()), routes, { make: c => c.json({}, 201, { location: '/things/1' }) }),
    )
    const event = proxyEvent({ method: 'POST', path: '/things' })
    const answer = await made({
      ...event,
      path,
      resource: '/things',
      requestContext: { ...event.requestContext, path: asked },
    })
    expect(answer).toMatchObject({ statusCode: 201, headers: { location } })
  })
})

test.each(['//[/orders', '//orders', 'http://[', '*'])(
  'The gateway answers what is no address of its own: %s',
  async target => {
    const { connect } = await import('node:net')
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    socket.end(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    expect(answer).toMatch(/^HTTP\/1.1 40[04] /)
  },
)
