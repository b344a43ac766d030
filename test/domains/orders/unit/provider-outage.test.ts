/** A payment provider that is away or slow: every order ends, none is a dead letter or STUCK, and no innocent one waits. */
import { expect, test } from 'vitest'
import { RetryableError } from '#engine/model/errors.ts'
import { seconds } from '#engine/saga/durations.ts'
import { startDomain } from '#engine/testing/index.ts'
import { ordersDomain } from '../../../../scripts/cost/orders-in-process.ts'
import { createOrderApi } from '../../../../lambdas/services/order/api.ts'
import { createProductApi } from '../../../../lambdas/services/product/api.ts'
import type { CancelRequest, ChargeRequest, RefundRequest } from '../../../../lambdas/services/payment/provider.ts'
import { memoryProvider } from '../../../../localstack/sandbox/memory-provider.ts'

const ORDERS = 200
const MINUTE = 60_000

/** 200 orders by a card whose network is away until it is `back`, and as many by another. */
async function outage() {
  const provider = memoryProvider()
  const system = startDomain(ordersDomain, {
    apis: [createProductApi, createOrderApi],
    calls: {
      payment: {
        charge: (request: ChargeRequest) => unlessAway(request, () => provider.charge(request)),
        cancel: (request: CancelRequest) => unlessAway(request, () => provider.cancel(request)),
        refund: (request: RefundRequest) => unlessAway(request, () => provider.refund(request)),
      },
    },
  })
  const away = new Set<string>()
  async function unlessAway<T>({ key }: { readonly key: string }, call: () => Promise<T>): Promise<T> {
    if (away.has(key)) throw new RetryableError('the payment provider is away', { code: 'PROVIDER_AWAY' })
    return call()
  }
  const product = { productId: 'tea', name: 'Tea', price: { amount: 450, currency: 'EUR' }, stock: 10_000 }
  await system.http({ method: 'POST', path: '/products', body: product, groups: 'operators' })
  const place = async (isAway: boolean) => {
    const body = { items: [{ productId: 'tea', quantity: 1 }], paymentMethod: 'tok_visa' }
    const ids: string[] = []
    for (let i = 0; i < ORDERS; i++) {
      // Its charge's key is known before it is placed: the id is made of the owner and the idempotency key.
      const headers = { 'idempotency-key': `${isAway}-${i}` }
      if (isAway) system.pause('payment')
      const { orderId } = (await system.http({ method: 'POST', path: '/orders', body, headers })).body as {
        orderId: string
      }
      if (isAway) away.add(`order-${orderId}`)
      ids.push(orderId)
    }
    return ids
  }
  const statusOf = (id: string) => system.store.items('orders').find(item => item['orderId'] === id)?.['status']
  const sagas = () => Object.groupBy(system.store.items('sagas'), ({ status }) => String(status))
  return { system, provider, place, statusOf, sagas, back: () => away.clear() }
}

test.each([45_000, 10 * MINUTE, 15 * MINUTE])('away for %d ms under 200 orders', async awayMs => {
  const { system, provider, place, statusOf, sagas, back } = await outage()
  const hit = await place(true)
  await system.resume('payment')
  const innocent = await place(false)
  // They have ended before any time has passed but what the tries of the others took.
  expect(new Set(innocent.map(statusOf))).toEqual(new Set(['APPROVED']))
  expect(new Set(hit.map(statusOf))).toEqual(new Set(['PENDING']))

  let stuck = 0
  for (const until = system.clock.now() + awayMs; system.clock.now() < until; ) {
    await system.advance(seconds(Math.min(60, (until - system.clock.now()) / 1000)))
    stuck = Math.max(stuck, sagas()['STUCK']?.length ?? 0)
  }
  back()
  for (let minutes = 0; minutes < 4; minutes++) await system.advance(seconds(60))
  expect([stuck, system.deadLetters()]).toEqual([0, []])
  expect(Object.keys(sagas()).toSorted((a, b) => a.localeCompare(b))).toEqual(
    awayMs < 2 * MINUTE ? ['COMPLETED'] : ['ABORTED', 'COMPLETED'],
  )
  // Whoever is not approved is not charged, and what is not sold is back.
  const approved = [...hit, ...innocent].filter(id => statusOf(id) === 'APPROVED')
  const captured = provider.charges().filter(({ status }) => status === 'CAPTURED')
  expect(captured.map(({ orderId }) => orderId).toSorted((a, b) => a.localeCompare(b))).toEqual(
    approved.toSorted((a, b) => a.localeCompare(b)),
  )
  expect(system.store.items('products')[0]?.['stock']).toBe(10_000 - approved.length)
})
