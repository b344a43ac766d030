import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import { quotesTable } from '../quote/tables.ts'
import { createPolicyApi } from './api.ts'
import { policiesTable } from './tables.ts'

export const handler = httpFunction([policiesTable, quotesTable], createPolicyApi)
