import * as z from 'zod'
import { read } from '#engine/adapters/lambda/environment.ts'
import { kafkaHandler } from '#engine/adapters/lambda/kafka-handler.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { eventTables } from '../quote/events.ts'
import { policyCountsTable } from './tables.ts'
import { policyIn } from './wirings.ts'

const { PREMIUM_MAX, QUOTING } = read(QuotingEnvironment.extend({ PREMIUM_MAX: z.coerce.number().positive() }))

export const handler = kafkaHandler(policyIn(QUOTING, { premiumMax: PREMIUM_MAX }), {
  tables: [policyCountsTable, ...eventTables(QUOTING)],
})
