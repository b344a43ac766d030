import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askApi } from '../../../../localstack/runtime/gateway/ask-api.ts'
import { type Gateway, startGateway } from '../../../../localstack/runtime/gateway/gateway.ts'
import { signToken } from '../../../../localstack/runtime/identity.ts'

const key = new Uint8Array(32).fill(7)
let upstream: Server
let asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[]
let gateway: Gateway
let shown: string[]
let token: string
let answer: { status: number; type: string; body: string; location?: string }

beforeEach(async () => {
  asked = []
  shown = []
  answer = { status: 201, type: 'application/json', body: '{"orderId":"1"}' }
  token = await signToken({ sub: 'alice' }, key)
  upstream = createServer((request, response) => {
    void text(request).then(body => {
      asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
      response
        .writeHead(answer.status, { 'content-type': answer.type, location: answer.location ?? '/orders/1' })
        .end(answer.body)
    })
  })
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve))
  gateway = await startGateway({ port: 0, key, show: line => void shown.push(line) })
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/restapis/x/v1/_user_request_`
  const target = { kind: 'function', functionName: 'order-api' } as const
  gateway.open(
    [
      { method: 'POST', path: '/orders', authorized: true, target },
      { method: 'GET', path: '/orders/{orderId}', authorized: true, target },
    ],
    askApi(url, line => void shown.push(line)),
    [],
  )
})
afterEach(async () => {
  await gateway.stop()
  upstream.closeAllConnections()
  await new Promise(resolve => upstream.close(resolve))
})

describe('The gateway before an API that another runs', () => {
  it('shows where something is without the stage, which it does not have', async () => {
    answer.location = '/v1/orders/1'
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answered = await fetch(`${gateway.url}/orders`, { method: 'POST', headers, body: '{}' })
    expect(answered.headers.get('location')).toBe('/orders/1')
  })

  it('passes a request on as it is, and its answer back', async () => {
    const answered = await fetch(`${gateway.url}/orders?a=1&a=2%20b`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'k' },
      body: '{"items":[]}',
    })
    expect(answered.status).toBe(201)
    expect(answered.headers.get('location')).toBe('/orders/1')
    expect(await answered.json()).toEqual({ orderId: '1' })
    expect(asked).toMatchObject([
      {
        method: 'POST',
        url: '/restapis/x/v1/_user_request_/orders?a=1&a=2+b',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'k' },
        body: '{"items":[]}',
      },
    ])
  })

  it.each([
    [400, 'application/json', '{"message": "Invalid request body"}', 400, 'invalid', 'Invalid request body'],
    [403, 'application/json', '{"message": "Missing Authentication Token"}', 403, 'forbidden', 'Missing'],
    [418, 'text/html', '<h1>no</h1>', 400, 'invalid', 'no more'],
    [502, 'application/json', '{"message": "Internal server error"}', 502, 'bad-gateway', 'Internal server error'],
    [504, 'application/json', '', 504, 'timeout', 'no more'],
    [507, 'application/json', '', 500, 'internal', 'no more'],
  ])('says in our words what that API says of itself: %s %s', async (status, type, body, shownAs, name, detail) => {
    answer = { status, type, body }
    const answered = await fetch(`${gateway.url}/orders/1`, { headers: { authorization: `Bearer ${token}` } })
    expect(answered.status).toBe(shownAs)
    expect(answered.headers.get('content-type')).toBe('application/problem+json')
    expect(await answered.json()).toMatchObject({
      type: `urn:recourse:problem:${name}`,
      detail: expect.stringContaining(detail),
    })
  })

  it("leaves a function's own problem as it is", async () => {
    answer = { status: 409, type: 'application/problem+json', body: '{"status":409}' }
    const answered = await fetch(`${gateway.url}/orders/1`, { headers: { authorization: `Bearer ${token}` } })
    expect(answered.status).toBe(409)
    expect(await answered.json()).toEqual({ status: 409 })
  })

  it('checks the token first', async () => {
    const answered = await fetch(`${gateway.url}/orders/1`, { headers: { authorization: 'Bearer x' } })
    expect(answered.status).toBe(401)
    expect(asked).toEqual([])
  })

  it('says so when that API is away', async () => {
    upstream.closeAllConnections()
    await new Promise(resolve => upstream.close(resolve))
    const answered = await fetch(`${gateway.url}/orders/1`, { headers: { authorization: `Bearer ${token}` } })
    expect(answered.status).toBe(502)
    expect(await answered.json()).toMatchObject({ type: 'urn:recourse:problem:bad-gateway' })
    expect(shown).toEqual([expect.stringContaining('GET /orders/1')])
  })
})
