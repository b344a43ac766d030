import type { Service } from '#engine/catalog/catalog.ts'
import { routesOf } from '#engine/http/route.ts'
import type { Quoting } from '../../quoting.ts'
import { eventTableUse } from '../quote/events.ts'
import { customerRoutes } from './routes.ts'
import { customersTable } from './tables.ts'
import { customerIn } from './wirings.ts'

export const customerService = (quoting: Quoting): Service => ({
  name: 'customer',
  aggregate: customerIn(quoting),
  alsoUses: [{ table: customersTable, use: ['read', 'add'] }, ...eventTableUse(quoting)],
  // In an event store every commit that is about a quote has an event alongside; the others are new.
  ...(quoting === 'event-sourcing' && { aggregateUse: ['read', 'insert'] }),
  environment: ['QUOTING'],
  http: { routes: routesOf(customerRoutes), tables: [{ table: customersTable, use: ['read', 'put'] }] },
})
