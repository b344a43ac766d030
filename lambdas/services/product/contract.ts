/** What is said about an order's products. */
import { aggregateMessages } from '#shared/messaging/contract.ts'
import { id, itemLines, money, reason } from '#shared/messaging/fields.ts'
import * as z from 'zod'

const product = aggregateMessages('product', 'orderId')

/** Every line is reserved; `total` is what they cost together. */
export const ProductReserved = product.event(
  'ProductReserveConfirmationEvent',
  z.object({ items: itemLines, total: money }),
)
/** No line is. `productId`: the first that could not be had. The service then says ProductReserveCancelled unasked. */
export const ProductReserveFailed = product.event(
  'ProductReserveFailedEvent',
  z.object({
    reason: z.enum(['OUT_OF_STOCK', 'UNKNOWN_PRODUCT', 'MIXED_CURRENCY', 'CANCELLED']),
    productId: id.optional(),
  }),
)
/** Nothing is reserved for this order, and nothing will be. */
export const ProductReserveCancelled = product.event('ProductReserveCancelledEvent', z.object({ reason }))

/** Reserves every line or none. */
export const ProductReserve = product.command('ProductReserveCommand', z.object({ items: itemLines }), {
  done: [ProductReserved],
  refused: [ProductReserveFailed],
})
/** Gives everything back; a reserve that comes later is refused. */
export const ProductReserveCancel = product.command('ProductReserveCancelCommand', z.object({ reason }), {
  done: [ProductReserveCancelled],
})
