import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import { createCustomerApi } from './api.ts'
import { customersTable } from './tables.ts'

export const handler = httpFunction([customersTable], createCustomerApi)
