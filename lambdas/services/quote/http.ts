import { read } from '#engine/adapters/lambda/environment.ts'
import { httpFunction } from '#engine/adapters/lambda/http-function.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { createQuoteApi } from './api.ts'
import { eventTables } from './events.ts'
import { quotesTable } from './tables.ts'
import { quoteIn } from './wirings.ts'

const { QUOTING } = read(QuotingEnvironment)

export const handler = httpFunction([quotesTable, ...eventTables(QUOTING)], ports =>
  createQuoteApi({ ...ports, quote: quoteIn(QUOTING) }),
)
