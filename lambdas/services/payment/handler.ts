import * as z from 'zod'
import { read } from '#engine/adapters/lambda/environment.ts'
import { kafkaHandler } from '#engine/adapters/lambda/kafka-handler.ts'
import { httpProvider } from './http-provider.ts'
import { payment, type PaymentCalls } from './rules.ts'

const { PAYMENT_PROVIDER_URL } = read(z.object({ PAYMENT_PROVIDER_URL: z.url() }))
const provider = httpProvider({ url: PAYMENT_PROVIDER_URL })
const calls: PaymentCalls = {
  charge: request => provider.charge(request),
  cancel: request => provider.cancel(request),
  refund: request => provider.refund(request),
}

export const handler = kafkaHandler(payment, { calls: { ...calls } })
