/** THE list of what is deployed: topics, functions, event sources, grants, routes and diagrams are all read off it. */
import type { Catalog } from '#engine/catalog/catalog.ts'
import { type Choices, type ChosenOf, variablesOf } from '#engine/catalog/choices.ts'
import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import { platformOf } from './platform/functions.ts'
import { orderSaga } from './sagas/order/saga.ts'
import { quotingChoice, quotingDomain } from './sagas/quoting/domain.ts'
import { orderService } from './services/order/service.ts'
import { paymentService } from './services/payment/service.ts'
import { productService } from './services/product/service.ts'

/** What a stage, and a local run, may choose of it, by the stage's setting. */
export const choices = { quoting: quotingChoice } as const satisfies Choices
export type Chosen = ChosenOf<typeof choices>

/** All that is deployed where this is chosen. */
export const catalogFor = (chosen: Chosen): Catalog => {
  const { domains } = servicesAndSagasFor(chosen)
  return { domains, platform: platformOf(domains, variablesOf(choices)) }
}

/** Services and sagas alone: a function that knows them all need not carry the rest. */
export const servicesAndSagasFor = (chosen: Chosen): Pick<Catalog, 'domains'> => ({
  domains: [
    {
      name: 'orders',
      topicOf: topicPerAggregateAndKind,
      services: [orderService, productService, paymentService],
      sagas: [orderSaga],
    },
    quotingDomain(chosen.quoting),
  ],
})
