import { expect, test } from 'vitest'
import { sagaNamesOf } from '#engine/catalog/catalog.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { nothing, saga } from '#engine/saga/builder.ts'
import { countRunning } from '#engine/saga/running-versions.ts'
import { minutes } from '#engine/saga/durations.ts'
import { orderSaga } from '../../../../lambdas/sagas/order/saga.ts'
import * as orders from '../../../../lambdas/services/order/contract.ts'
import * as payments from '../../../../lambdas/services/payment/contract.ts'
import * as products from '../../../../lambdas/services/product/contract.ts'
import { gatewayTo } from '../../../support/http.ts'
import { smallSystem } from '../../samples/small-system.ts'

/** Other names for its steps, another history: nothing of version 1 fits it. */
const orderSagaV2 = saga('order', {
  version: 2,
  startsWith: orders.OrderCreatedEvent,
  deadline: minutes(15),
  history: { started: 'RECEIVED', completed: 'CONFIRMED' },
})
  .step('hold', products.ProductReserveCommand, {
    send: order => ({ items: order.items }),
    done: { ProductReserveConfirmationEvent: reply => ({ total: reply.total }) },
    refused: { ProductReserveFailedEvent: reply => reply.reason },
  })
  .undo(products.ProductReserveCancelCommand, { send: order => ({ reason: order.abortedBecause }) })
  .pivot('charge', payments.PaymentProcessCommand, {
    send: order => ({ ...order.total, paymentMethod: order.paymentMethod }),
    done: { PaymentProcessSuccessfulEvent: nothing },
    refused: { PaymentFailedEvent: reply => reply.reason },
  })
  .ifUnknown(payments.PaymentVoidCommand, { send: order => ({ reason: order.abortedBecause }) })
  .retriable('confirm', orders.OrderApprovedCommand, {
    send: order => ({ total: order.total }),
    done: { OrderApprovedEvent: nothing },
  })
  .onAbort('turn-down', orders.OrderRejectCommand, { send: order => ({ reason: order.abortedBecause }) })
  .build()

/** Version 1 is deployed; payments wait. */
async function system() {
  const shop = smallSystem({ sagas: [orderSagaV2, orderSaga], orchestrate: () => orchestrator(orderSaga) })
  const call = gatewayTo(shop.app)
  const product = { productId: 'tea', name: 'Tea', price: { amount: 450, currency: 'EUR' }, stock: 5 }
  await call({ method: 'POST', path: '/products', body: product, groups: 'operators' })
  shop.pause('payment')
  return {
    ...shop,
    /** Resolves with the order's id when its saga waits for the payment. */
    async order(paymentMethod: string): Promise<string> {
      const body = { items: [{ productId: 'tea', quantity: 1 }], paymentMethod }
      return ((await call({ method: 'POST', path: '/orders', body })).body as { orderId: string }).orderId
    },
    saga: (id: string) => shop.store.items('sagas').find(item => item['sagaKey'] === `order:${id}`),
    status: async (id: string) => (await call({ path: `/orders/${id}` })).body.status as string,
    history: (id: string) =>
      shop.store
        .items('orders-history')
        .filter(row => row['orderId'] === id)
        .map(row => row['status']),
    stock: async () => (await call({ path: '/products/tea' })).body.stock as number,
    running: () => countRunning(shop.store, 'order'),
  }
}

test('sagas of two versions of a definition end side by side, each on the version that it began with', async () => {
  const shop = await system()
  const [a, b] = [await shop.order('tok_visa'), await shop.order('tok_declined')]
  shop.deploy('order-saga', orchestrator(orderSagaV2, orderSaga))
  const [c, d] = [await shop.order('tok_visa'), await shop.order('tok_declined')]
  expect([a, b, c, d].map(id => [shop.saga(id)?.['definition'], shop.saga(id)?.['step']])).toEqual([
    [1, 'pay'],
    [1, 'pay'],
    [2, 'charge'],
    [2, 'charge'],
  ])
  expect(await shop.running()).toMatchObject([
    { version: 2, counts: { RUNNING: 2, COMPENSATING: 0, STUCK: 0 } },
    {
      version: 1,
      counts: { RUNNING: 2, COMPENSATING: 0, STUCK: 0 },
      examples: expect.arrayContaining([a, b]) as unknown,
    },
  ])

  await shop.resume('payment')
  expect([a, b, c, d].map(id => [shop.saga(id)?.['definition'], shop.saga(id)?.['status']])).toEqual([
    [1, 'COMPLETED'],
    [1, 'ABORTED'],
    [2, 'COMPLETED'],
    [2, 'ABORTED'],
  ])
  expect([a, b, c, d].map(shop.history)).toEqual([
    ['CREATED', 'APPROVED'],
    ['CREATED', 'REJECTED'],
    ['RECEIVED', 'CONFIRMED'],
    ['RECEIVED'],
  ])
  expect(await Promise.all([a, b, c, d].map(shop.status))).toEqual(['APPROVED', 'REJECTED', 'APPROVED', 'REJECTED'])
  expect(await shop.stock()).toBe(3)
  expect(await shop.running()).toEqual([])
})

test('without the version that it began with, a running saga stops and says so, and goes on when that is back', async () => {
  const shop = await system()
  const order = await shop.order('tok_visa')
  shop.deploy('order-saga', orchestrator(orderSagaV2))
  // It is no dead letter: the deployment is what must be mended, and that is enough.
  const stops = await shop.resume('payment').catch((error: unknown) => error)
  expect(stops).toMatchObject({ message: expect.stringContaining('was delivered 10 times') })
  expect(String((stops as Error).cause)).toBe(
    `ConfigurationError: saga order ${order} runs version 1, which is not deployed any more: deploy it beside the new one`,
  )
  expect(await shop.running()).toMatchObject([{ version: 1, counts: { RUNNING: 1 } }])

  shop.deploy('order-saga', orchestrator(orderSagaV2, orderSaga))
  await shop.redeliver()
  expect([await shop.status(order), shop.saga(order)?.['status']]).toEqual(['APPROVED', 'COMPLETED'])
})

test('more sagas than a page are all counted', async () => {
  const shop = await system()
  const ids = []
  for (let i = 0; i < 5; i++) ids.push(await shop.order('tok_visa'))
  const { store } = shop
  const inPagesOfTwo = {
    ...store,
    query: (query: Parameters<typeof store.query>[0]) => store.query({ ...query, limit: 1 }),
  }
  expect(await countRunning(inPagesOfTwo, 'order')).toMatchObject([
    { version: 1, counts: { RUNNING: 5, COMPENSATING: 0, STUCK: 0 } },
  ])
  expect(ids).toHaveLength(5)
})

test('the sweeper looks for each saga once, however many versions of it are listed', () => {
  const domain = { name: 'orders', topicOf: () => 'orders', services: [], sagas: [orderSagaV2, orderSaga] }
  expect(sagaNamesOf({ domains: [domain] })).toEqual(['order'])
})
