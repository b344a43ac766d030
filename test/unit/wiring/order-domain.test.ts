import { type Catalog, isWrite } from '#engine/catalog/catalog.ts'
import { wiringDiagram } from '#engine/catalog/wiring-diagram.ts'
import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogFor } from '../../../lambdas/catalog.ts'
import { orderSaga } from '../../../lambdas/sagas/order/saga.ts'
import { orderService } from '../../../lambdas/services/order/service.ts'
import { paymentService } from '../../../lambdas/services/payment/service.ts'
import { productService } from '../../../lambdas/services/product/service.ts'
import { catalogOf } from './kiosk.ts'

/** The order domain alone, whatever else a user has added. */
const whole = catalogFor('orchestration')
const orders: Catalog = {
  platform: whole.platform.map(fn => ({
    ...fn,
    publishes: fn.publishes.filter(({ about }) => about === 'saga' || about === 'order'),
  })),
  domains: [
    {
      name: 'orders',
      topicOf: topicPerAggregateAndKind,
      services: [orderService, productService, paymentService],
      sagas: [orderSaga],
    },
  ],
}

const wiring = readCatalog(whole)

describe('the catalog of this repository', () => {
  it('puts every message of the order saga on its topic', () => {
    const topics = Object.groupBy(readCatalog(orders).messages, ({ topic }) => topic)
    expect(
      Object.fromEntries(Object.entries(topics).map(([topic, of]) => [topic, of?.map(({ type }) => type)])),
    ).toMatchObject({
      'orders-events': ['OrderApprovedEvent', 'OrderCreatedEvent', 'OrderRejectedEvent'],
      'orders-commands': ['OrderApprovedCommand', 'OrderRejectCommand'],
      'products-commands': ['ProductReserveCancelCommand', 'ProductReserveCommand'],
      'products-events': [
        'ProductReserveCancelledEvent',
        'ProductReserveConfirmationEvent',
        'ProductReserveFailedEvent',
      ],
      'payments-commands': ['PaymentProcessCommand', 'PaymentVoidCommand'],
      'payments-events': ['PaymentFailedEvent', 'PaymentProcessSuccessfulEvent', 'PaymentVoidedEvent'],
      'saga-control': ['SagaAbort', 'SagaResolve', 'SagaRetry', 'SagaWakeUp'],
    })
  })

  it('has a file for every function', async () => {
    const root = join(import.meta.dirname, '../../..')
    await Promise.all(wiring.functions.map(({ entry }) => access(join(root, entry))))
  })

  it('lets only orchestrators write sagas, and only its own saga write the history of orders', () => {
    const writers = (table: string) =>
      wiring.functions
        .filter(fn => fn.tables.some(used => used.table.name === table && used.use.some(isWrite)))
        .map(({ name }) => name)
    expect(writers('sagas').filter(name => !name.endsWith('-saga'))).toEqual([])
    expect(writers('orders-history')).toEqual(['order-saga'])
  })
})

describe('the diagram', () => {
  it('shows who says what to whom', async () => {
    await expect(wiringDiagram(orders)).toMatchFileSnapshot('snapshots/orders.mmd')
  })
  it('shows what is meant for others', async () => {
    await expect(wiringDiagram(catalogOf())).toMatchFileSnapshot('snapshots/kiosk.mmd')
  })
})
