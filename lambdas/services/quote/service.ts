import type { Service } from '#shared/catalog.ts'
import { routesOf } from '#shared/http/route.ts'
import * as c from './contract.ts'
import { quoteRoutes } from './routes.ts'
import { quote } from './rules.ts'
import { quotesTable } from './tables.ts'

export const quoteService: Service = {
  name: 'quote',
  aggregate: quote,
  http: {
    routes: routesOf(quoteRoutes),
    tables: [{ table: quotesTable, use: ['read', 'write'] }],
    publishes: [c.QuoteApproved],
  },
}
