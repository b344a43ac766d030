import type { Service } from '#shared/catalog.ts'
import { routesOf } from '#shared/http/route.ts'
import { quotesTable } from '../quote/tables.ts'
import { policyRoutes } from './routes.ts'
import { policyOf } from './rules.ts'
import { policiesTable, policyCountsTable } from './tables.ts'

/** The largest premium unless a stage says otherwise (`PREMIUM_MAX`). */
export const PREMIUM_MAX = 10_000

export const policyService: Service = {
  name: 'policy',
  aggregate: policyOf({ premiumMax: PREMIUM_MAX }),
  alsoUses: [{ table: policyCountsTable, use: ['read', 'write'] }],
  environment: ['PREMIUM_MAX'],
  http: {
    routes: routesOf(policyRoutes),
    tables: [
      { table: policiesTable, use: ['read', 'query'] },
      // Whose policy it is, its quote knows.
      { table: quotesTable, use: ['read'] },
    ],
  },
}
