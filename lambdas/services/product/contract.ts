/** Messages about an order's products. */
import { messagesOf } from '#engine/model/messages.ts'
import { id, itemLines, money, reason } from '#engine/model/fields.ts'
import * as z from 'zod'

const product = messagesOf('product', 'orderId')

export const ProductReserveConfirmationEvent = product.event(
  'ProductReserveConfirmationEvent',
  z.object({ items: itemLines, total: money }),
  { description: 'Every line of the order is reserved; `total` is what they cost together.' },
)
export const ProductReserveFailedEvent = product.event(
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
export const ProductReserveCancelledEvent = product.event('ProductReserveCancelledEvent', z.object({ reason }), {
  description: 'Nothing is reserved for this order, and nothing will be.',
})

export const ProductReserveCommand = product.command('ProductReserveCommand', z.object({ items: itemLines }), {
  description: 'Reserve every line of the order, or none.',
  done: [ProductReserveConfirmationEvent],
  refused: [ProductReserveFailedEvent],
})
export const ProductReserveCancelCommand = product.command('ProductReserveCancelCommand', z.object({ reason }), {
  description: 'Give back what is reserved for the order; a reserve that comes later is refused.',
  done: [ProductReserveCancelledEvent],
})
