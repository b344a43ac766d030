/** THE list of what is deployed: topics, functions, event sources, grants, routes and diagrams are all read off it. */
import type { Catalog, Domain, PlatformFunction } from '#engine/catalog/catalog.ts'
import { choreography } from '#engine/choreography/choreography.ts'
import { routesOf } from '#engine/http/route.ts'
import { SagaWakeUp } from '#engine/saga/control-messages.ts'
import { topicPerAggregate, topicPerAggregateAndKind, topicPerKind } from '#engine/delivery/topics.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { deadLetterRoutes } from './platform/dead-letters-api/routes.ts'
import { deadLettersTable } from './platform/dead-letters/tables.ts'
import { sagaAction } from './platform/operations/action.ts'
import { operationsRoutes } from './platform/operations/routes.ts'
import { sagaActionsTable } from './platform/operations/tables.ts'
import type { Quoting } from './quoting.ts'
import { orderSaga } from './sagas/order/saga.ts'
import { quotingSaga } from './sagas/quoting/saga.ts'
import { choreographedCustomer } from './services/customer/choreographed.ts'
import { CustomerPolicyCountReverted } from './services/customer/contract.ts'
import { customerService } from './services/customer/service.ts'
import { orderService } from './services/order/service.ts'
import { paymentService } from './services/payment/service.ts'
import { choreographedPolicy } from './services/policy/choreographed.ts'
import { PREMIUM_MAX, policyService } from './services/policy/service.ts'
import { productService } from './services/product/service.ts'
import { choreographedQuote } from './services/quote/choreographed.ts'
import { QuoteApproved, QuoteCompleted } from './services/quote/contract.ts'
import { quoteEvents, quoteEventsTable } from './services/quote/events.ts'
import { quoteService } from './services/quote/service.ts'

/** All that is deployed where quoting is held together in this way. */
export const catalogFor = (quoting: Quoting): Catalog => {
  const { domains } = servicesAndSagasFor(quoting)
  return { domains, platform: platformOf(domains) }
}

/** Services and sagas alone: a function that knows them all need not carry the rest. */
export const servicesAndSagasFor = (quoting: Quoting): Pick<Catalog, 'domains'> => ({
  domains: [
    {
      name: 'orders',
      topicOf: topicPerAggregateAndKind,
      services: [orderService, productService, paymentService],
      sagas: [orderSaga],
    },
    quotingDomain(quoting),
  ],
})

/** What runs beside them, whatever the domains are. */
export const platformOf = (domains: readonly Domain[]): PlatformFunction[] => [
  { name: 'outbox-relay', relaysHttp: true, publishes: [], tables: [], environment: ['QUOTING'] },
  {
    name: 'timeouts',
    everySeconds: 60,
    publishes: [SagaWakeUp],
    republishes: true,
    tables: [
      { table: sagasTable, use: ['read', 'query:byStatus'] },
      { table: deadLettersTable, use: ['read', 'query:bySaga'] },
    ],
    environment: ['QUOTING'],
  },
  {
    name: 'operations',
    http: {
      routes: routesOf(operationsRoutes),
      aggregate: sagaAction,
      publishes: sagaAction.publishes,
      mendsMessages: true,
    },
    publishes: [],
    tables: [
      { table: sagasTable, use: ['read', 'query:byStatus'] },
      { table: sagaActionsTable, use: ['put'] },
      { table: deadLettersTable, use: ['query:bySaga'] },
    ],
    environment: ['QUOTING'],
  },
  {
    name: 'dead-letters',
    handlesDeadLetters: true,
    feeds: [deadLettersTable],
    publishes: [],
    tables: [{ table: deadLettersTable, use: ['read', 'insert', 'rows'] }],
    environment: ['QUOTING'],
  },
  {
    name: 'dead-letters-api',
    http: { routes: routesOf(deadLetterRoutes) },
    publishes: [],
    tables: [
      { table: deadLettersTable, use: ['read', 'query:byStatus', 'query:byTopic', 'update'] },
      // Whether a message was handled is asked of the aggregate that it was for.
      ...[
        sagasTable,
        ...domains.flatMap(({ services }) => services.flatMap(({ aggregate }) => aggregate?.table ?? [])),
      ].map(table => ({ table, use: ['read'] as const })),
    ],
    environment: ['QUOTING'],
  },
]

/** Said for others than ours. */
const quotingEnds = [QuoteCompleted, CustomerPolicyCountReverted]

export const quotingChoreography = choreography(
  'quoting',
  { startsWith: QuoteApproved, endsWith: quotingEnds },
  {
    quote: choreographedQuote,
    policy: choreographedPolicy({ premiumMax: PREMIUM_MAX }),
    customer: choreographedCustomer,
  },
)

function quotingDomain(quoting: Quoting): Domain {
  const services = [quoteService(quoting), policyService(quoting), customerService(quoting)]
  const name = 'quoting'
  switch (quoting) {
    case 'choreography':
      return {
        name,
        topicOf: topicPerAggregate,
        services,
        sagas: [],
        choreographies: [quotingChoreography],
        ends: quotingEnds,
      }
    case 'orchestration':
      return { name, topicOf: topicPerKind, services, sagas: [quotingSaga], sagaEnvironment: ['QUOTING'] }
    case 'event-sourcing':
      return {
        name,
        topicOf: topicPerKind,
        services,
        sagas: [quotingSaga],
        sagaEnvironment: ['QUOTING'],
        eventStore: { table: quoteEventsTable, events: quoteEvents },
        ends: quotingEnds,
      }
  }
}
