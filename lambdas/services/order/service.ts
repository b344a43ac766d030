import type { Service } from '#shared/catalog.ts'
import { historyTable } from '#shared/saga/tables.ts'
import * as c from './contract.ts'
import { orderRoutes } from './routes.ts'
import { order } from './rules.ts'
import { ordersTable } from './tables.ts'

export const orderService: Service = {
  name: 'order',
  aggregate: order,
  http: {
    routes: orderRoutes,
    tables: [
      { table: ordersTable, use: ['read', 'write', 'query'] },
      { table: historyTable('orders-history', 'orderId'), use: ['query'] },
    ],
    publishes: [c.OrderCreated],
  },
}
