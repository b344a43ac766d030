import * as z from 'zod'
import { read } from '#shared/adapters/lambda/environment.ts'
import { kafkaHandler } from '#shared/adapters/lambda/kafka-handler.ts'
import { policyOf } from './rules.ts'
import { policyCountsTable } from './tables.ts'

const { PREMIUM_MAX } = read(z.object({ PREMIUM_MAX: z.coerce.number().positive() }))

export const handler = kafkaHandler(policyOf({ premiumMax: PREMIUM_MAX }), { tables: [policyCountsTable] })
