import { httpFunction } from '#engine/http/function.ts'
import { createCustomerApi } from './api.ts'
import { customersTable } from './tables.ts'

export const handler = httpFunction([customersTable], createCustomerApi)
