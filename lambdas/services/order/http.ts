import { httpFunction } from '#shared/http/function.ts'
import { createOrderApi } from './api.ts'
import { historyTable, ordersTable } from './tables.ts'

export const handler = httpFunction([ordersTable, historyTable], createOrderApi)
