/** THE list of what is deployed: topics, functions, event sources, grants, routes and diagrams are all read off it. */
import type { Catalog } from '#shared/catalog.ts'
import { controlMessages } from '#shared/messaging/control.ts'
import { topicPerAggregateAndKind } from '#shared/messaging/topics.ts'
import { sagasTable } from '#shared/saga/tables.ts'
import { orderSaga } from './sagas/order/saga.ts'
import { OrderCreated } from './services/order/contract.ts'
import { orderService } from './services/order/service.ts'
import { ordersTable } from './services/order/tables.ts'
import { paymentService } from './services/payment/service.ts'
import { productService } from './services/product/service.ts'

export const catalog: Catalog = {
  domains: [
    {
      name: 'orders',
      topicOf: topicPerAggregateAndKind,
      services: [orderService, productService, paymentService],
      sagas: [orderSaga],
    },
  ],
  platform: [
    { name: 'outbox-relay', feeds: [ordersTable], publishes: [OrderCreated], tables: [] },
    {
      name: 'timeouts',
      everySeconds: 60,
      publishes: [...controlMessages.filter(message => message.type === 'SagaWakeUp')],
      tables: [{ table: sagasTable, use: ['read', 'query'] }],
    },
  ],
}
