import type { Service } from '#engine/catalog/catalog.ts'
import { payment } from './rules.ts'

export const paymentService: Service = {
  name: 'payment',
  aggregate: payment,
  environment: ['PAYMENT_PROVIDER_URL'],
  callsInternet: true,
}
