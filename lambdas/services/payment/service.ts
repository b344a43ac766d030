import type { Service } from '#shared/catalog.ts'
import { payment } from './rules.ts'

export const paymentService: Service = {
  name: 'payment',
  aggregate: payment,
  environment: ['PAYMENT_PROVIDER_URL'],
}
