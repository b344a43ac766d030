import type { Service } from '#engine/catalog/catalog.ts'
import { routesOf } from '#engine/http/route.ts'
import type { Republish } from '#engine/saga/republish.ts'
import * as c from './contract.ts'
import { orderRoutes } from './routes.ts'
import { order } from './rules.ts'
import { ordersHistoryTable, ordersTable, pendingOrders } from './tables.ts'

/** An order that is PENDING has begun its saga, or its change was lost. */
export const republishOrders: Republish = { while: { status: 'PENDING' }, index: pendingOrders }

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
    republish: republishOrders,
  },
}
