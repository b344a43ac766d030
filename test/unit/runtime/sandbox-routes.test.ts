import { expect, test } from 'vitest'
import { sandboxRoutes } from '../../../localstack/runtime/sandbox-routes.ts'
import { memoryProvider } from '../../../localstack/sandbox/memory-provider.ts'

const provider = memoryProvider()
const told: string[] = []
const sources = {
  pause: async (name: string) => told.push(`pause ${name}`) > 0 && name === 'payment',
  resume: async (name: string) => told.push(`resume ${name}`) > 0 && name === 'payment',
  stop: async () => {},
}
const routes = sandboxRoutes(
  {
    url: 'http://127.0.0.1',
    charges: async () => provider.charges(),
    setMode: async mode => provider.setMode(mode),
  },
  () => sources,
)
const call = (method: string, path: string, body?: unknown, params: Readonly<Record<string, string>> = {}) =>
  routes.find(route => route.method === method && route.path === path)?.handle({ params, body })

test('shows the ledger, and switches the provider to a mode that there is', async () => {
  await provider.charge({ key: 'k', orderId: 'o', amount: 1, currency: 'EUR', paymentMethod: 'tok' })
  expect(await call('GET', '/sandbox/charges')).toEqual({
    status: 200,
    body: { items: [{ key: 'k', orderId: 'o', amount: 1, currency: 'EUR', status: 'CAPTURED' }] },
  })
  expect(await call('POST', '/sandbox/provider', { mode: 'down' })).toEqual({ status: 200, body: { mode: 'down' } })
  await expect(provider.find({ key: 'k' })).rejects.toThrow('503')
  for (const body of [{ mode: 'sideways' }, {}, undefined, 'down'])
    expect(await call('POST', '/sandbox/provider', body)).toEqual({
      status: 400,
      detail: 'mode: is one of up, down, hang',
    })
})

test.each([
  ['pause', 'PAUSED'],
  ['resume', 'RUNNING'],
])('lets a consumer %s, if there is one of that name', async (action, status) => {
  const path = `/sandbox/consumers/{name}/${action}`
  expect(await call('POST', path, undefined, { name: 'payment' })).toEqual({
    status: 200,
    body: { name: 'payment', status },
  })
  expect(await call('POST', path, undefined, { name: 'nobody' })).toMatchObject({ status: 404 })
  expect(told.slice(-2)).toEqual([`${action} payment`, `${action} nobody`])
})
