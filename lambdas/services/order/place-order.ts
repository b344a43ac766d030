import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { HeaderField } from '#engine/catalog/catalog.ts'
import { Id } from '#engine/http/ids.ts'
import { invalidField } from '#engine/http/problem.ts'

const LINES_MAX = 20
const QUANTITY_MAX = 1_000
const PAYMENT_METHOD_MAX = 64

/** The body of `POST /orders`. Whether there are such products, in one currency and in stock, is the saga's to find out. */
export const PlaceOrder = z.object({
  items: z
    .array(z.object({ productId: Id, quantity: z.int().min(1).max(QUANTITY_MAX) }))
    .min(1)
    .max(LINES_MAX)
    .superRefine(refuseRepeatedProducts)
    .describe('One line a product.'),
  paymentMethod: z.string().min(1).max(PAYMENT_METHOD_MAX).describe("The payment provider's token."),
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

const IdempotencyKey = z.string().regex(/^[\x20-\x7e]{1,255}$/, 'is 1 to 255 printable ASCII characters')
export const idempotencyKeyHeader: HeaderField = {
  name: 'Idempotency-Key',
  description: 'The same key with the same body gives the same order, however often it is sent.',
  schema: IdempotencyKey,
}

/** The header `Idempotency-Key`. Throws 400 for what can't be one. */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  const parsed = IdempotencyKey.optional().safeParse(header)
  if (!parsed.success) throw invalidField(idempotencyKeyHeader.name, parsed.error.issues[0]?.message ?? 'is no key')
  return parsed.data
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
