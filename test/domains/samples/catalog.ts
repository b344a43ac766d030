/** The sample domains as they come, whatever else a user has put into `lambdas/catalog.ts`: what documents say of them is held against this. */
import type { Catalog, Domain } from '#engine/catalog/catalog.ts'
import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import { catalogFor, platformOf } from '../../../lambdas/catalog.ts'
import type { Quoting } from '../../../lambdas/quoting.ts'
import { orderSaga } from '../../../lambdas/sagas/order/saga.ts'
import { orderService } from '../../../lambdas/services/order/service.ts'
import { paymentService } from '../../../lambdas/services/payment/service.ts'
import { productService } from '../../../lambdas/services/product/service.ts'

export const ordersDomain: Domain = {
  name: 'orders',
  topicOf: topicPerAggregateAndKind,
  services: [orderService, productService, paymentService],
  sagas: [orderSaga],
}

export function samplesFor(quoting: Quoting): Catalog {
  const domains = [ordersDomain, ...catalogFor(quoting).domains.filter(({ name }) => name === 'quoting')]
  return { domains, platform: platformOf(domains) }
}
