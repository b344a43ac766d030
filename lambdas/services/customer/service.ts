import type { Service } from '#shared/catalog.ts'
import { routesOf } from '#shared/http/route.ts'
import { customerRoutes } from './routes.ts'
import { customerUpdate } from './rules.ts'
import { customersTable } from './tables.ts'

export const customerService: Service = {
  name: 'customer',
  aggregate: customerUpdate,
  alsoUses: [{ table: customersTable, use: ['read', 'write'] }],
  http: { routes: routesOf(customerRoutes), tables: [{ table: customersTable, use: ['read', 'write'] }] },
}
