import { createServer } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FunctionError, type LocalFunction } from '../../../../localstack/runtime/functions/function.ts'
import { askFunctions } from '../../../../localstack/runtime/gateway/ask-functions.ts'
import { type Gateway, startGateway } from '../../../../localstack/runtime/gateway/gateway.ts'
import { signToken } from '../../../../localstack/runtime/identity.ts'
import type { RoutePlan } from '../../../../localstack/runtime/template/plan-types.ts'

const key = new Uint8Array(randomBytes(32))
const toFunction = (method: string, path: string): RoutePlan => ({
  method,
  path,
  authorized: true,
  target: { kind: 'function', functionName: 'order-api' },
})
const routes: RoutePlan[] = [
  toFunction('GET', '/orders'),
  toFunction('POST', '/orders'),
  toFunction('GET', '/orders/{orderId}'),
  toFunction('POST', '/dead-letters/{id}/redrive'),
  {
    method: 'GET',
    path: '/health',
    authorized: false,
    target: { kind: 'mock', status: 200, body: '{"status":"ok"}', contentType: 'application/json' },
  },
]

let gateway: Gateway
let down: string | undefined
let invoked: Record<string, unknown>[]
let answer: (event: Record<string, unknown>) => unknown

beforeEach(async () => {
  down = undefined
  invoked = []
  answer = event => ({
    statusCode: 200,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(event['pathParameters']),
  })
  gateway = await startGateway({ port: 0, key, show: () => {} })
})
afterEach(() => gateway.stop())

const open = () => {
  const fn: LocalFunction = {
    name: 'order-api',
    timeoutSeconds: 29,
    stats: () => Promise.reject(new Error('not asked for')),
    stop: async () => {},
    invoke: async event => {
      invoked.push(event as Record<string, unknown>)
      return answer(event as Record<string, unknown>)
    },
  }
  gateway.open(routes, askFunctions(new Map([['order-api', fn]]), { unavailable: () => down, show: () => {} }), [
    {
      method: 'POST',
      path: '/sandbox/consumers/{name}/{action}',
      handle: async ({ params, body }) =>
        params['name'] === 'nobody'
          ? { status: 404, detail: 'no such consumer' }
          : { status: 200, body: { params, body } },
    },
  ])
}
const ask = async (path: string, { token, ...init }: RequestInit & { token?: string | null } = {}) => {
  const bearer = token === undefined ? await signToken({ sub: 'alice' }, key) : token
  const headers = {
    ...(init.headers as Record<string, string>),
    ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
  }
  const response = await fetch(gateway.url + path, { ...init, headers })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  }
}

/** Bytes as they are; all that comes back until the connection ends. */
const raw = async (request: string) => {
  const { port } = new URL(gateway.url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.end(request)
  return text(socket)
}

describe('the gateway', () => {
  it('answers 503 to everything until it is opened, then /health without a token', async () => {
    expect(await ask('/health', { token: null })).toMatchObject({
      status: 503,
      body: { type: 'urn:recourse:problem:unavailable' },
    })
    open()
    const { status, headers, body } = await ask('/health', { token: null })
    expect({ status, body }).toEqual({ status: 200, body: { status: 'ok' } })
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it("hands a request to its function in API Gateway's shape, with the claims of the token", async () => {
    open()
    answer = () => ({
      statusCode: 201,
      headers: { Location: '/orders/1' },
      multiValueHeaders: { 'Set-Cookie': ['a', 'b'] },
      body: '{}',
    })
    const token = await signToken({ sub: 'alice', groups: ['operators'] }, key)
    const { status, headers } = await ask('/orders?limit=2&tag=a&tag=b', {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/json', 'Idempotency-Key': 'k1' },
      body: '{"items":[]}',
    })
    expect(status).toBe(201)
    expect(headers.get('location')).toBe('/orders/1')
    expect(invoked[0]).toMatchObject({
      resource: '/orders',
      path: '/orders',
      httpMethod: 'POST',
      headers: { 'content-type': 'application/json' },
      multiValueHeaders: { 'content-type': ['application/json'] },
      queryStringParameters: { limit: '2', tag: 'b' },
      multiValueQueryStringParameters: { limit: ['2'], tag: ['a', 'b'] },
      pathParameters: null,
      body: '{"items":[]}',
      isBase64Encoded: false,
      requestContext: {
        requestId: headers.get('x-request-id'),
        resourcePath: '/orders',
        authorizer: { claims: { sub: 'alice', 'cognito:groups': 'operators' } },
      },
    })
  })

  it('decodes parameters of the path', async () => {
    open()
    expect((await ask('/orders/a%20b')).body).toEqual({ orderId: 'a b' })
    expect((await ask('/orders/%E0%A4%A')).status).toBe(400)
  })

  it('hands on a body that is not UTF-8 as base64', async () => {
    open()
    await ask('/orders', { method: 'POST', body: Buffer.from([0xff, 0xfe]) })
    expect(invoked[0]).toMatchObject({ body: '//4=', isBase64Encoded: true })
  })

  it.each([
    ['no token', async () => null],
    ['another scheme', async () => 'x y'],
    ['an expired token', () => signToken({ sub: 'alice', expiresSeconds: -5 }, key)],
    ['a token signed by another', () => signToken({ sub: 'alice' }, new Uint8Array(randomBytes(32)))],
  ])('answers 401 to %s, and asks no function', async (_, token) => {
    open()
    const { status, headers, body } = await ask('/orders', { token: await token() })
    expect({ status, type: body['type'] }).toEqual({ status: 401, type: 'urn:recourse:problem:unauthorized' })
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(body['requestId']).toBe(headers.get('x-request-id'))
    expect(invoked).toEqual([])
  })

  it('answers 404 to an unknown path and 405 to a known one with another method', async () => {
    open()
    for (const path of ['/nothing', '/orders/', '/orders/1/2', '/']) expect((await ask(path)).status).toBe(404)
    const { status, headers } = await ask('/orders', { method: 'DELETE' })
    expect(status).toBe(405)
    expect(headers.get('allow')).toBe('GET, POST')
  })

  it('answers 413 to a body over 64 KB, announced or not', async () => {
    open()
    const body = 'x'.repeat(64 * 1024 + 1)
    const stream = new Blob([body]).stream()
    expect((await ask('/orders', { method: 'POST', body })).status).toBe(413)
    expect((await ask('/orders', { method: 'POST', body: stream, duplex: 'half' })).status).toBe(413)
    expect((await ask('/orders', { method: 'POST', body: 'x'.repeat(5_000_000) })).status).toBe(413)
    expect(invoked).toEqual([])
    expect((await ask('/orders', { method: 'POST', body: body.slice(1) })).status).toBe(200)
  })

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
    ['another method than there is', 'FETCH /orders HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['too long a path', `GET /orders?cursor=${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`],
    ['too long a header', `GET /orders HTTP/1.1\r\nhost: x\r\nx-mine: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('answers a problem to %s', async (_, request) => {
    open()
    const answer = await raw(request)
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
    expect(head).toContain('content-type: application/problem+json')
    const problem = JSON.parse(body) as { requestId: string }
    expect(problem).toMatchObject({ type: 'urn:recourse:problem:invalid', status: 400 })
    expect(head).toContain(`x-request-id: ${problem.requestId}`)
    expect((await ask('/orders')).status).toBe(200)
  })

  it.each([
    ['throws', 'error', 502],
    ['loses its thread', 'ended', 502],
    ['is too slow', 'timeout', 504],
  ] as const)('answers a problem when the function %s', async (_, kind, status) => {
    open()
    answer = () => {
      throw new FunctionError('order-api', kind, { errorType: 'E', errorMessage: 'secret', trace: '' })
    }
    const problem = await ask('/orders')
    expect(problem.status).toBe(status)
    expect(JSON.stringify(problem.body)).not.toContain('secret')
  })

  it('answers 502 when the function answers nonsense', async () => {
    open()
    for (const nonsense of [undefined, 'text', { body: 'x' }, { statusCode: 'OK' }, { statusCode: 200, body: {} }]) {
      answer = () => nonsense
      expect((await ask('/orders')).status).toBe(502)
    }
  })

  it('answers 503 with Retry-After while what functions need is down, and is healthy still', async () => {
    open()
    down = 'DynamoDB Local is being started again.'
    const { status, headers } = await ask('/orders')
    expect(status).toBe(503)
    expect(headers.get('retry-after')).toBe('1')
    expect((await ask('/health', { token: null })).status).toBe(200)
  })

  it('has routes of this machine for operators alone', async () => {
    open()
    const path = '/sandbox/consumers/payment/pause'
    expect((await ask(path, { method: 'POST' })).status).toBe(403)
    expect((await ask(path, { method: 'POST', token: null })).status).toBe(401)
    const token = await signToken({ sub: 'root', groups: ['operators'] }, key)
    expect((await ask(path, { method: 'POST', token, body: '{"a":1}' })).body).toEqual({
      params: { name: 'payment', action: 'pause' },
      body: { a: 1 },
    })
    expect((await ask(path, { method: 'POST', token, body: '{' })).status).toBe(400)
    expect((await ask('/sandbox/consumers/nobody/pause', { method: 'POST', token })).status).toBe(404)
  })

  it('says which port is taken, and which variable changes it', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    await expect(startGateway({ port, key, show: () => {} })).rejects.toThrow(
      `port ${port} is taken, the API cannot start: stop what uses it, or set PORT`,
    )
    taken.close()
  })
})
