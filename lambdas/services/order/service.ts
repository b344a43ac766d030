import type { Service } from '#shared/catalog.ts'
import { routesOf } from '#shared/http/route.ts'
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
    publishes: [c.OrderCreated],
  },
}
