/** THE list of what is deployed: topics, functions, event sources, grants, routes and diagrams are all read off it. */
import type { Catalog } from '#shared/catalog.ts'
import { SagaWakeUp } from '#shared/messaging/control.ts'
import { topicPerAggregateAndKind, topicPerKind } from '#shared/messaging/topics.ts'
import { sagasTable } from '#shared/saga/tables.ts'
import { orderSaga } from './sagas/order/saga.ts'
import { quotingSaga } from './sagas/quoting/saga.ts'
import { customerService } from './services/customer/service.ts'
import { orderService } from './services/order/service.ts'
import { paymentService } from './services/payment/service.ts'
import { policyService } from './services/policy/service.ts'
import { productService } from './services/product/service.ts'
import { quoteService } from './services/quote/service.ts'

export const catalog: Catalog = {
  domains: [
    {
      name: 'orders',
      topicOf: topicPerAggregateAndKind,
      services: [orderService, productService, paymentService],
      sagas: [orderSaga],
    },
    {
      name: 'quoting',
      topicOf: topicPerKind,
      services: [quoteService, policyService, customerService],
      sagas: [quotingSaga],
    },
  ],
  platform: [
    { name: 'outbox-relay', relaysHttp: true, publishes: [], tables: [] },
    {
      name: 'timeouts',
      everySeconds: 60,
      publishes: [SagaWakeUp],
      tables: [{ table: sagasTable, use: ['read', 'query'] }],
    },
  ],
}
