import type { Service } from '#engine/catalog/catalog.ts'
import { routesOf } from '#engine/http/route.ts'
import type { Quoting } from '../../quoting.ts'
import { eventTableUse } from '../quote/events.ts'
import { quotesTable } from '../quote/tables.ts'
import { policyRoutes } from './routes.ts'
import { policiesTable, policyCountsTable } from './tables.ts'
import { policyIn } from './wirings.ts'

/** The largest premium where only the catalog is read. A function takes its stage's `PREMIUM_MAX`, and does not start without one. */
export const PREMIUM_MAX = 10_000

export const policyService = (quoting: Quoting): Service => ({
  name: 'policy',
  aggregate: policyIn(quoting, { premiumMax: PREMIUM_MAX }),
  alsoUses: [{ table: policyCountsTable, use: ['read', 'put', 'add'] }, ...eventTableUse(quoting)],
  // In an event store every commit has an event alongside.
  ...(quoting === 'event-sourcing' && { aggregateUse: ['read', 'put'] }),
  environment: ['PREMIUM_MAX', 'QUOTING'],
  http: {
    routes: routesOf(policyRoutes),
    tables: [
      { table: policiesTable, use: ['read', 'query:byPolicy'] },
      // Whose policy it is, its quote knows.
      { table: quotesTable, use: ['read'] },
    ],
  },
})
