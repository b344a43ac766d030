import type { Service } from '#engine/catalog/catalog.ts'
import { routesOf } from '#engine/http/route.ts'
import * as c from './contract.ts'
import { orderRoutes } from './routes.ts'
import { order } from './rules.ts'
import { ordersHistoryTable, ordersTable } from './tables.ts'

export const orderService: Service = {
  name: 'order',
  aggregate: order,
  http: {
    routes: routesOf(orderRoutes),
    tables: [
      { table: ordersTable, use: ['read', 'query:byCustomer', 'put'] },
      { table: ordersHistoryTable, use: ['query'] },
    ],
    publishes: [c.OrderCreatedEvent],
  },
}
