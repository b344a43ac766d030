/** Fields that several contracts share. Lenient where others write them: unknown fields are left out, bounds are generous. */
import * as z from 'zod'
import { ALONGSIDE_MAX } from './ports.ts'

/** Of anything: an order, a product, a customer. Foreign ids are not held to the API's alphabet. */
export const id = z.string().min(1).max(256)
/** Why something was refused, cancelled or rejected. */
export const reason = z.string().max(1000)
/** An integer of minor units (cents) with an ISO 4217 currency. */
export const money = z.object({
  amount: z.int().nonnegative(),
  currency: z.string().regex(/^[A-Za-z]{3}$/, 'is not three letters'),
})
/** The stock of each line changes with the reservation in one transaction, or not at all. */
export const ITEM_LINES_MAX = ALONGSIDE_MAX
/** What is ordered. A foreign order may name a product on several lines, or one that does not exist. */
export const itemLines = z
  .array(z.object({ productId: id, quantity: z.int().positive().max(1_000_000) }))
  .min(1)
  .max(ITEM_LINES_MAX)
