import type { Service } from '#engine/catalog/catalog.ts'
import { routesOf } from '#engine/http/route.ts'
import type { Quoting } from '../../quoting.ts'
import * as c from './contract.ts'
import { eventTableUse } from './events.ts'
import { republishQuotes } from './republish-approved.ts'
import { quoteEventRoutes, quoteRoutes } from './routes.ts'
import { quotesTable } from './tables.ts'
import { quoteIn } from './wirings.ts'

export const quoteService = (quoting: Quoting): Service => ({
  name: 'quote',
  aggregate: quoteIn(quoting),
  // In an event store every commit has an event alongside.
  ...(quoting === 'event-sourcing' && { aggregateUse: ['read', 'put'] }),
  environment: ['QUOTING'],
  alsoUses: eventTableUse(quoting),
  http: {
    routes: routesOf(quoting === 'event-sourcing' ? { ...quoteRoutes, ...quoteEventRoutes } : quoteRoutes),
    tables: [{ table: quotesTable, use: ['read', 'put'] }, ...eventTableUse(quoting)],
    // In the event store it is there to be handled.
    publishes: quoting === 'event-sourcing' ? [] : [c.QuoteApproved],
    republish: republishQuotes,
    environment: ['QUOTING'],
  },
})
