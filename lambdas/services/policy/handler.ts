import * as z from 'zod'
import { read } from '#shared/adapters/lambda/environment.ts'
import { kafkaHandler } from '#shared/adapters/lambda/kafka-handler.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { policyCountsTable } from './tables.ts'
import { policyIn } from './wirings.ts'

const { PREMIUM_MAX, QUOTING } = read(QuotingEnvironment.extend({ PREMIUM_MAX: z.coerce.number().positive() }))

export const handler = kafkaHandler(policyIn(QUOTING, { premiumMax: PREMIUM_MAX }), { tables: [policyCountsTable] })
