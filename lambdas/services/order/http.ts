import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import { createOrderApi } from './api.ts'
import { ordersHistoryTable, ordersTable } from './tables.ts'

export const handler = httpFunction([ordersTable, ordersHistoryTable], createOrderApi)
