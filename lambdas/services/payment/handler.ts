import * as z from 'zod'
import { read } from '#shared/adapters/lambda/environment.ts'
import { kafkaHandler } from '#shared/adapters/lambda/kafka-handler.ts'
import { httpProvider } from './http-provider.ts'
import { payment, type PaymentCalls } from './rules.ts'

const { PAYMENT_PROVIDER_URL } = read(z.object({ PAYMENT_PROVIDER_URL: z.url() }))
const provider = httpProvider({ url: PAYMENT_PROVIDER_URL })
const calls: PaymentCalls = { charge: provider.charge, cancel: provider.cancel, refund: provider.refund }

export const handler = kafkaHandler(payment, { calls: { ...calls } })
