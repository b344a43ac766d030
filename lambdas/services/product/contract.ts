/** What is said about an order's products. */
import { aggregateMessages } from '#shared/messaging/contract.ts'
import { id, itemLines, money, reason } from '#shared/messaging/fields.ts'
import * as z from 'zod'

const product = aggregateMessages('product', 'orderId')

export const ProductReserved = product.event(
  'ProductReserveConfirmationEvent',
  z.object({ items: itemLines, total: money }),
  { description: 'Every line of the order is reserved; `total` is what they cost together.' },
)
export const ProductReserveFailed = product.event(
  'ProductReserveFailedEvent',
  z.object({
    reason: z.enum(['OUT_OF_STOCK', 'UNKNOWN_PRODUCT', 'MIXED_CURRENCY', 'CANCELLED']),
    productId: id.optional(),
  }),
  {
    description:
      'No line of the order is reserved; `productId` is the first that could not be had. `ProductReserveCancelledEvent` follows unasked.',
  },
)
export const ProductReserveCancelled = product.event('ProductReserveCancelledEvent', z.object({ reason }), {
  description: 'Nothing is reserved for this order, and nothing will be.',
})

export const ProductReserve = product.command('ProductReserveCommand', z.object({ items: itemLines }), {
  description: 'Reserve every line of the order, or none.',
  done: [ProductReserved],
  refused: [ProductReserveFailed],
})
export const ProductReserveCancel = product.command('ProductReserveCancelCommand', z.object({ reason }), {
  description: 'Give back what is reserved for the order; a reserve that comes later is refused.',
  done: [ProductReserveCancelled],
})
