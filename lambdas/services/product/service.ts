import type { Service } from '#engine/catalog/catalog.ts'
import { routesOf } from '#engine/http/route.ts'
import { productRoutes } from './routes.ts'
import { reservation } from './rules.ts'
import { productsTable } from './tables.ts'

export const productService: Service = {
  name: 'product',
  aggregate: reservation,
  // What changes a reservation gives stock back alongside.
  aggregateUse: ['read', 'insert'],
  alsoUses: [{ table: productsTable, use: ['read', 'add'] }],
  http: { routes: routesOf(productRoutes), tables: [{ table: productsTable, use: ['read', 'query:byName', 'put'] }] },
}
