/** Everything that is deployed, in one process: all domains of the catalog beside each other, in each wiring. */
import { expect, it } from 'vitest'
import { streamOrchestrator } from '#engine/event-store/stream-orchestrator.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { startDomain } from '#engine/testing'
import { catalogFor } from '../../../../lambdas/catalog.ts'
import { quotings } from '../../../../lambdas/quoting.ts'
import { quotingSaga } from '../../../../lambdas/sagas/quoting/saga.ts'
import { createCustomerApi } from '../../../../lambdas/services/customer/api.ts'
import { createOrderApi } from '../../../../lambdas/services/order/api.ts'
import { createProductApi } from '../../../../lambdas/services/product/api.ts'
import { messageOf, quoteEvents, quoteEventStore } from '../../../../lambdas/services/quote/events.ts'
import { createQuoteApi } from '../../../../lambdas/services/quote/api.ts'
import { quoteIn } from '../../../../lambdas/services/quote/wirings.ts'
import { memoryProvider } from '../../../../localstack/sandbox/memory-provider.ts'

const operator = { sub: 'olga', groups: 'operators' }

it.each(quotings)('the whole catalog with quoting by %s', async quoting => {
  const provider = memoryProvider()
  const system = startDomain(catalogFor({ quoting }), {
    apis: [
      createOrderApi,
      createProductApi,
      createCustomerApi,
      ports => createQuoteApi({ ...ports, quote: quoteIn(quoting) }),
    ],
    calls: { payment: { charge: provider.charge.bind(provider) } },
    orchestrate: (...versions) =>
      quoting === 'event-sourcing' && versions[0].name === quotingSaga.name
        ? streamOrchestrator({ store: quoteEventStore, events: quoteEvents, messageOf }, ...versions)
        : orchestrator(...versions),
  })
  const price = { amount: 450, currency: 'EUR' }
  const product = { productId: 'tea', name: 'Tea', price, stock: 5 }
  await system.http({ method: 'POST', path: '/products', body: product, ...operator })
  const items = [{ productId: 'tea', quantity: 1 }]
  const placed = await system.http({ method: 'POST', path: '/orders', body: { items, paymentMethod: 'tok_visa' } })
  expect((await system.http({ path: `/orders/${placed.body.orderId}` })).body).toMatchObject({ status: 'APPROVED' })

  await system.http({ method: 'POST', path: '/customers', body: { customerId: 'c1', name: 'c1' }, ...operator })
  await system.http({ method: 'POST', path: '/quotes', body: { quoteID: 'q1', premium: 100, customerId: 'c1' } })
  await system.http({ method: 'POST', path: '/quotes/q1/approve' })
  expect((await system.http({ path: '/quotes/q1' })).body).toMatchObject({ status: 'COMPLETED' })
})
