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

beforeEach(async () => {
  asked = []
  shown = []
  token = await signToken({ sub: 'alice' }, key)
  upstream = createServer((request, response) => {
    void text(request).then(body => {
      asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
      response.writeHead(201, { 'content-type': 'application/json', location: '/orders/1' }).end('{"orderId":"1"}')
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
  it('passes a request on as it is, and its answer back', async () => {
    const answer = await fetch(`${gateway.url}/orders?a=1&a=2%20b`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'k' },
      body: '{"items":[]}',
    })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('location')).toBe('/orders/1')
    expect(await answer.json()).toEqual({ orderId: '1' })
    expect(asked).toMatchObject([
      {
        method: 'POST',
        url: '/restapis/x/v1/_user_request_/orders?a=1&a=2+b',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'k' },
        body: '{"items":[]}',
      },
    ])
  })

  it('checks the token first', async () => {
    const answer = await fetch(`${gateway.url}/orders/1`, { headers: { authorization: 'Bearer x' } })
    expect(answer.status).toBe(401)
    expect(asked).toEqual([])
  })

  it('says so when that API is away', async () => {
    upstream.closeAllConnections()
    await new Promise(resolve => upstream.close(resolve))
    const answer = await fetch(`${gateway.url}/orders/1`, { headers: { authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(502)
    expect(await answer.json()).toMatchObject({ type: 'urn:recourse:problem:bad-gateway' })
    expect(shown).toEqual([expect.stringContaining('GET /orders/1')])
  })
})
