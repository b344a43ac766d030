import { type Catalog, isWrite } from '#engine/catalog/catalog.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { wiringDiagram } from '#engine/catalog/wiring-diagram.ts'
import { expect, it } from 'vitest'
import { catalogFor } from '../../../../lambdas/catalog.ts'
import { ordersDomain } from '../../../../scripts/cost/orders-in-process.ts'

/** The order domain alone, whatever else a user has added. */
const whole = catalogFor({ quoting: 'orchestration' })
const orders: Catalog = {
  platform: whole.platform.map(fn => ({
    ...fn,
    publishes: fn.publishes.filter(({ about }) => about === 'saga' || about === 'order'),
  })),
  domains: [ordersDomain],
}

it('puts every message of the order saga on its topic', () => {
  const topics = Object.groupBy(readCatalog(orders).messages, ({ topic }) => topic)
  expect(
    Object.fromEntries(Object.entries(topics).map(([topic, of]) => [topic, of?.map(({ type }) => type)])),
  ).toMatchObject({
    'orders-events': ['OrderApprovedEvent', 'OrderCreatedEvent', 'OrderRejectedEvent'],
    'orders-commands': ['OrderApprovedCommand', 'OrderRejectCommand'],
    'products-commands': ['ProductReserveCancelCommand', 'ProductReserveCommand'],
    'products-events': ['ProductReserveCancelledEvent', 'ProductReserveConfirmationEvent', 'ProductReserveFailedEvent'],
    'payments-commands': ['PaymentProcessCommand', 'PaymentVoidCommand'],
    'payments-events': ['PaymentFailedEvent', 'PaymentProcessSuccessfulEvent', 'PaymentVoidedEvent'],
    'saga-control': ['SagaAbort', 'SagaResolve', 'SagaRetry', 'SagaWakeUp'],
  })
})

it('lets only its own saga write the history of orders', () => {
  const writers = readCatalog(whole).functions.filter(fn =>
    fn.tables.some(({ table, use }) => table.name === 'orders-history' && use.some(isWrite)),
  )
  expect(writers.map(({ name }) => name)).toEqual(['order-saga'])
})

it('has a diagram that shows who publishes what for whom', async () => {
  await expect(wiringDiagram(orders)).toMatchFileSnapshot('snapshots/orders.mmd')
})
