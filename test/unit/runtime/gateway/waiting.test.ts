/** Requests that wait, over real connections, before a function that answers when it is let. */
import { request } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LocalFunction } from '../../../../localstack/runtime/functions/function.ts'
import { askFunctions } from '../../../../localstack/runtime/gateway/ask-functions.ts'
import { type Gateway, startGateway } from '../../../../localstack/runtime/gateway/gateway.ts'
import { until } from '../../../support/until.ts'

let gateway: Gateway
let complaints: string[]
/** What has come to the function and is not answered. */
let open: Map<number, { event: { httpMethod: string; headers: Record<string, string> }; end: () => void }>

beforeEach(async () => {
  complaints = []
  open = new Map()
  let number = 0
  const fn: LocalFunction = {
    name: 'order-api',
    timeoutSeconds: 29,
    invoke: (event, { signal } = {}) =>
      new Promise(resolve => {
        const id = (number += 1)
        const own = event as { httpMethod: string; headers: Record<string, string> }
        const end = () => {
          open.delete(id)
          resolve({ statusCode: 200, headers: {}, body: '{}' })
        }
        if (own.httpMethod === 'GET') return end()
        open.set(id, { event: own, end })
        signal?.addEventListener('abort', end)
      }),
    stats: () => Promise.reject(new Error('not counted')),
    stop: async () => {},
  }
  const show = (line: string) => void complaints.push(line)
  gateway = await startGateway({ port: 0, key: new Uint8Array(32), show })
  const target = { kind: 'function', functionName: 'order-api' } as const
  gateway.open(
    [
      { method: 'GET', path: '/orders', authorized: false, target },
      { method: 'POST', path: '/orders', authorized: false, target },
    ],
    askFunctions(new Map([['order-api', fn]]), { unavailable: () => undefined, show }),
    [],
  )
})
afterEach(() => gateway.stop())

/** A post on a connection of its own, which its sender can cut. */
function post(prefer?: string) {
  const sent = request(`${gateway.url}/orders`, { method: 'POST', agent: false, headers: prefer ? { prefer } : {} })
  sent.on('error', () => {})
  sent.on('response', response => response.resume())
  sent.end('{}')
  return sent
}
const get = async () => {
  const from = performance.now()
  expect((await fetch(`${gateway.url}/orders`)).status).toBe(200)
  return performance.now() - from
}

test('210 that wait keep no other waiting, and all of them begin', async () => {
  const sent = Array.from({ length: 210 }, () => post('wait=20'))
  await until('most of them are there', 5000, async () => open.size >= 200)
  expect(await get()).toBeLessThan(500)
  // A place among those that write is given back after a second.
  await until('all of them are there', 5000, async () => open.size === 210)
  for (const one of sent) one.destroy()
})

test('who hangs up is forgotten at once: those in line, those that wait, and nobody complains', async () => {
  const sent = Array.from({ length: 210 }, () => post('wait=20'))
  await until('most of them are there', 5000, async () => open.size >= 200)
  for (const one of sent) one.destroy()
  await until('none is left', 2000, async () => open.size === 0)
  const next = post('wait=20')
  await until('the next one is there', 500, async () => open.size === 1)
  next.destroy()
  await until('it is gone', 2000, async () => open.size === 0)
  expect(complaints).toEqual([])
})

test('who hangs up on a request that does not wait gives its place to the next', async () => {
  const sent = Array.from({ length: 201 }, () => post())
  await until('as many as may', 5000, async () => open.size === 200)
  for (const one of sent) one.destroy()
  await until('none is left', 2000, async () => open.size === 0)
  expect(await get()).toBeLessThan(500)
})
