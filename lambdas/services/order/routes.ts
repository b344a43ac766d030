/** The API of orders: what callers send and get. An order belongs to the token's `sub` that placed it. */
import { pageOf } from '#engine/http/paging.ts'
import { preferenceAppliedHeader, preferHeader } from '#engine/http/prefer.ts'
import { locationHeader, type Routes, retryAfterHeader } from '#engine/http/route.ts'
import { id, itemLines, money } from '#engine/model/fields.ts'
import * as z from 'zod'
import { idempotencyKeyHeader, PlaceOrder } from './place-order.ts'

/** An order as callers see it: never its payment token. One that was placed elsewhere, on Kafka, lacks what only the API knows. */
export const OrderShown = z
  .object({
    orderId: id,
    status: z.enum(['PENDING', 'APPROVED', 'REJECTED']).describe('The last two are final.'),
    reason: z.string().optional().describe("Why it was rejected: the refusal's reason, `TIMED_OUT` or `ABORTED`."),
    items: itemLines.optional(),
    total: money.optional().describe('What it cost, in minor units; once it is approved.'),
    createdAt: z.iso.datetime().optional(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Order' })

const PendingOrder = z.object({ orderId: id, status: z.literal('PENDING') })
const OrderHistory = z.object({
  items: z.array(z.object({ status: z.enum(['CREATED', 'APPROVED', 'REJECTED']), at: z.iso.datetime() })),
})

export const orderRoutes = {
  placeOrder: {
    method: 'POST',
    path: '/orders',
    summary: "Places an order for the token's `sub`.",
    callers: 'anyone',
    description:
      'Whether it can be had, in stock and paid, is found out afterwards: wait with `Prefer`, or read the order.',
    headers: [idempotencyKeyHeader, preferHeader],
    body: PlaceOrder,
    answers: [
      {
        status: 202,
        description: 'The order is accepted and has not ended.',
        schema: PendingOrder,
        headers: [locationHeader, retryAfterHeader, preferenceAppliedHeader],
      },
      {
        status: 200,
        description: 'The order ended while the request waited for it.',
        schema: OrderShown,
        headers: [locationHeader, preferenceAppliedHeader],
      },
    ],
    problems: ['key-reused'],
  },
  listOrders: {
    method: 'GET',
    path: '/orders',
    summary: "Lists the orders of the token's `sub`, newest first.",
    callers: 'owner',
    pages: true,
    answers: [{ status: 200, description: 'A page of orders.', schema: pageOf(OrderShown) }],
  },
  showOrder: {
    method: 'GET',
    path: '/orders/{orderId}',
    summary: 'Shows an order, to its owner and to operators.',
    callers: 'owner-or-operators',
    answers: [{ status: 200, description: 'The order.', schema: OrderShown }],
  },
  showOrderHistory: {
    method: 'GET',
    path: '/orders/{orderId}/history',
    summary: 'Lists the statuses that an order has had, oldest first, to its owner and to operators.',
    callers: 'owner-or-operators',
    answers: [{ status: 200, description: 'The statuses.', schema: OrderHistory }],
  },
} as const satisfies Routes
