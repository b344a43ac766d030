import type { Service } from '#shared/catalog.ts'
import { routesOf } from '#shared/http/route.ts'
import type { Quoting } from '../../quoting.ts'
import * as c from './contract.ts'
import { quoteRoutes } from './routes.ts'
import { quotesTable } from './tables.ts'
import { quoteIn } from './wirings.ts'

export const quoteService = (quoting: Quoting): Service => ({
  name: 'quote',
  aggregate: quoteIn(quoting),
  environment: ['QUOTING'],
  http: {
    routes: routesOf(quoteRoutes),
    tables: [{ table: quotesTable, use: ['read', 'write'] }],
    publishes: [c.QuoteApproved],
    environment: ['QUOTING'],
  },
})
