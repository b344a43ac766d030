import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import { createProductApi } from './api.ts'
import { productsTable } from './tables.ts'

export const handler = httpFunction([productsTable], createProductApi)
