import { createHash } from 'node:crypto'
import * as z from 'zod'
import { Id } from '#shared/http/ids.ts'
import { invalidField } from '#shared/http/problem.ts'

const LINES_MAX = 20
const QUANTITY_MAX = 1_000
const PAYMENT_METHOD_MAX = 64

/** The body of `POST /orders`. Whether there are such products, in one currency and in stock, is the saga's to find out. */
export const PlaceOrder = z.object({
  items: z
    .array(z.object({ productId: Id, quantity: z.int().min(1).max(QUANTITY_MAX) }))
    .min(1)
    .max(LINES_MAX)
    .superRefine(refuseRepeatedProducts),
  paymentMethod: z.string().min(1).max(PAYMENT_METHOD_MAX),
})
export type PlaceOrder = z.infer<typeof PlaceOrder>

function refuseRepeatedProducts(items: readonly { productId: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>()
  for (const [i, { productId }] of items.entries()) {
    if (seen.has(productId))
      context.addIssue({
        code: 'custom',
        path: [i, 'productId'],
        message: `${productId} is on an earlier line: order it once, with the whole quantity`,
      })
    seen.add(productId)
  }
}

/** The header `Idempotency-Key`: 1 to 255 printable ASCII characters. Throws 400 for anything else. */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header !== undefined && !/^[\x20-\x7e]{1,255}$/.test(header))
    throw invalidField('Idempotency-Key', 'is 1 to 255 printable ASCII characters')
  return header
}

/** The same owner and key give the same order, for as long as there is the order. 32 hexadecimal digits. */
export const orderIdOf = (customerId: string, idempotencyKey: string) =>
  createHash('sha256')
    .update(JSON.stringify([customerId, idempotencyKey]))
    .digest('hex')
    .slice(0, 32)

/** What tells whether a key comes with the same order again. */
export const fingerprintOf = ({ items, paymentMethod }: PlaceOrder) =>
  createHash('sha256')
    .update(JSON.stringify([items.map(({ productId, quantity }) => [productId, quantity]), paymentMethod]))
    .digest('hex')
    .slice(0, 32)
