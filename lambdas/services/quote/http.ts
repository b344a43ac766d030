import { read } from '#shared/adapters/lambda/environment.ts'
import { httpFunction } from '#shared/http/function.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { createQuoteApi } from './api.ts'
import { quotesTable } from './tables.ts'
import { quoteIn } from './wirings.ts'

const quote = quoteIn(read(QuotingEnvironment).QUOTING)

export const handler = httpFunction([quotesTable], ports => createQuoteApi({ ...ports, quote }))
