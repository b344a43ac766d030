import { expect, test } from 'vitest'
import { sandboxRoutes } from '../../../localstack/sandbox/routes.ts'
import { memoryProvider } from '../../support/memory-provider.ts'
import { type Call, proxyEvent, recordedLog } from '../../support/http.ts'

const provider = memoryProvider()
const routes = sandboxRoutes(
  { charges: async () => provider.charges(), setMode: async mode => provider.setMode(mode) },
  recordedLog(),
)
const call = async (how: Call) => {
  const route = routes.find(({ method, path }) => method === (how.method ?? 'GET') && path === how.path)
  const result = await route?.handler(proxyEvent({ groups: 'operators', ...how }))
  return { status: result?.statusCode, body: JSON.parse(result?.body ?? 'null') as unknown }
}
const charge = { key: 'k', orderId: 'o', amount: 1, currency: 'EUR' }

test('operators read the ledger and switch the provider; nobody else does', async () => {
  await provider.charge({ ...charge, paymentMethod: 'tok' })
  expect(await call({ path: '/sandbox/charges' })).toEqual({
    status: 200,
    body: { items: [{ ...charge, status: 'CAPTURED' }] },
  })
  const down: Call = { method: 'POST', path: '/sandbox/provider', body: { mode: 'down' } }
  expect(await call({ ...down, groups: 'customers' })).toMatchObject({ status: 403 })
  expect(await provider.find({ key: 'k' })).toMatchObject({ outcome: 'captured' })
  expect(await call(down)).toEqual({ status: 200, body: { mode: 'down' } })
  await expect(provider.find({ key: 'k' })).rejects.toThrow('503')
  expect(await call({ ...down, body: { mode: 'sideways' } })).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'mode' }] },
  })
  expect(await call({ path: '/sandbox/charges', groups: 'customers' })).toMatchObject({ status: 403 })
})
