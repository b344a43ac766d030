import type { Domain, PlatformFunction } from '#engine/catalog/catalog.ts'
import { consumersTable } from '#engine/delivery/failure-entry.ts'
import { routesOf } from '#engine/http/route.ts'
import { SagaWakeUp } from '#engine/saga/control-messages.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { deadLetterRoutes } from './dead-letters-api/routes.ts'
import { deadLettersTable } from './dead-letters/tables.ts'
import { sagaAction } from './operations/action.ts'
import { consumersRoutes } from './operations/consumers-routes.ts'
import { operationsRoutes } from './operations/routes.ts'
import { sagaActionsTable } from './operations/tables.ts'

/**
 * What runs beside services and sagas, whatever the domains are. `variables`: what all of them read from their environment,
 * as they know the whole catalog.
 */
export const platformOf = (domains: readonly Domain[], variables: readonly string[] = []): PlatformFunction[] => [
  { name: 'outbox-relay', relaysHttp: true, publishes: [], tables: [], environment: variables },
  {
    name: 'timeouts',
    everySeconds: 60,
    publishes: [SagaWakeUp],
    republishes: true,
    tables: [
      { table: sagasTable, use: ['read', 'query:byStatus'] },
      { table: deadLettersTable, use: ['read', 'query:bySaga'] },
    ],
    environment: variables,
  },
  {
    name: 'operations',
    listsConsumers: true,
    http: {
      routes: [...routesOf(operationsRoutes), ...routesOf(consumersRoutes)],
      aggregate: sagaAction,
      publishes: sagaAction.publishes,
      mendsMessages: true,
    },
    publishes: [],
    tables: [
      { table: sagasTable, use: ['read', 'query:byStatus'] },
      { table: sagaActionsTable, use: ['put'] },
      { table: deadLettersTable, use: ['query:bySaga'] },
      { table: consumersTable, use: ['query'] },
    ],
    environment: variables,
  },
  {
    name: 'dead-letters',
    handlesDeadLetters: true,
    feeds: [deadLettersTable],
    publishes: [],
    tables: [
      { table: deadLettersTable, use: ['read', 'insert', 'rows'] },
      { table: consumersTable, use: ['read'] },
    ],
    environment: variables,
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
    environment: [...variables, 'TOPICS'],
  },
]
