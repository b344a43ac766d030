import { httpFunction } from '#engine/http/function.ts'
import { createProductApi } from './api.ts'
import { productsTable } from './tables.ts'

export const handler = httpFunction([productsTable], createProductApi)
