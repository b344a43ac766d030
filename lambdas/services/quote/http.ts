import { httpFunction } from '#shared/http/function.ts'
import { createQuoteApi } from './api.ts'
import { quotesTable } from './tables.ts'

export const handler = httpFunction([quotesTable], createQuoteApi)
