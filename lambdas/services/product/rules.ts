/**
 * Reserves every line of an order or none, and gives all of it back. The reservation belongs to the order; the stock is
 * changed only alongside it, in one transaction. Pure.
 */
import type { Aggregate, Decision, Heard, Said, Seen } from '#shared/aggregate.ts'
import type { Body } from '#shared/messaging/contract.ts'
import type { Alongside, Ref } from '#shared/ports.ts'
import * as c from './contract.ts'
import { productsTable, reservationsTable } from './tables.ts'

type Items = Body<typeof c.ProductReserve>['items']
type Total = Body<typeof c.ProductReserved>['total']
type Reason = Body<typeof c.ProductReserveFailed>['reason']

/** HELD: the stock is taken. REJECTED: none was. CANCELLED: given back, or never to be taken (a tombstone). */
export type Reservation =
  | { readonly status: 'HELD'; readonly items: Items; readonly total: Total }
  | { readonly status: 'REJECTED'; readonly reason: Reason; readonly productId?: string }
  | { readonly status: 'CANCELLED'; readonly reason: string }

export const reservation: Aggregate<Reservation> = {
  type: 'reservation',
  table: reservationsTable,
  hears: [c.ProductReserve, c.ProductReserveCancel],
  says: [c.ProductReserved, c.ProductReserveFailed, c.ProductReserveCancelled],
  reads: heard => (heard.type === c.ProductReserve.type ? productIds(linesOf(heard)).map(product) : []),
  decide: (state, heard, seen) =>
    heard.type === c.ProductReserve.type
      ? reserve(state, linesOf(heard), seen)
      : cancel(state, heard.body as Body<typeof c.ProductReserveCancel>),
}

function reserve(state: Reservation | undefined, items: Items, seen: Seen): Decision<Reservation> {
  if (state) return { kind: 'answer', send: repliesOf(state) }
  const judged = judge(items, seen)
  if ('reason' in judged) {
    const rejected: Reservation = { status: 'REJECTED', ...judged }
    return { kind: 'commit', state: rejected, send: repliesOf(rejected) }
  }
  const held: Reservation = { status: 'HELD', items, total: judged.total }
  return { kind: 'commit', state: held, send: repliesOf(held), alongside: stock(items, -1) }
}

/** A cancel that comes before its reserve leaves a tombstone, so that the late reserve is refused: the two commute. */
function cancel(state: Reservation | undefined, { reason }: { reason: string }): Decision<Reservation> {
  if (state?.status === 'REJECTED' || state?.status === 'CANCELLED')
    return { kind: 'answer', send: [cancelled(state.reason)] }
  return {
    kind: 'commit',
    state: { status: 'CANCELLED', reason },
    send: [cancelled(reason)],
    ...(state && { alongside: stock(state.items, 1) }),
  }
}

/** What a reserve is told, whenever it asks. */
function repliesOf(state: Reservation): Said[] {
  switch (state.status) {
    case 'HELD':
      return [{ message: c.ProductReserved, body: { items: state.items, total: state.total } }]
    case 'REJECTED':
      return [
        {
          message: c.ProductReserveFailed,
          body: { reason: state.reason, ...(state.productId !== undefined && { productId: state.productId }) },
        },
        cancelled(state.reason),
      ]
    case 'CANCELLED':
      return [{ message: c.ProductReserveFailed, body: { reason: 'CANCELLED' } }, cancelled(state.reason)]
  }
}

const cancelled = (reason: string): Said => ({ message: c.ProductReserveCancelled, body: { reason } })

/** What all lines cost, or why they cannot be had. */
function judge(items: Items, seen: Seen): { total: Total } | { reason: Reason; productId?: string } {
  let total: Total | undefined
  for (const productId of productIds(items)) {
    const found = seen.read(product(productId))
    if (!found) return { reason: 'UNKNOWN_PRODUCT', productId }
    const quantity = quantityOf(items, productId)
    const price = found['price'] as Total
    if (total && total.currency !== price.currency) return { reason: 'MIXED_CURRENCY', productId }
    if (Number(found['stock']) < quantity) return { reason: 'OUT_OF_STOCK', productId }
    total = { amount: (total?.amount ?? 0) + price.amount * quantity, currency: price.currency }
  }
  return total ? { total } : { reason: 'UNKNOWN_PRODUCT' }
}

/** One change for each product: foreign orders may name one on several lines. */
const stock = (items: Items, sign: 1 | -1): Alongside[] =>
  productIds(items).map(productId => {
    const quantity = quantityOf(items, productId)
    return {
      kind: 'add',
      ref: product(productId),
      add: { stock: sign * quantity },
      ...(sign < 0 && { atLeast: { stock: quantity } }),
    }
  })

const product = (productId: string): Ref => ({ table: productsTable.name, key: { productId } })
const linesOf = (heard: Heard): Items => (heard.body as Body<typeof c.ProductReserve>).items
const productIds = (items: Items) => [...new Set(items.map(item => item.productId))]
const quantityOf = (items: Items, productId: string) =>
  items.filter(item => item.productId === productId).reduce((sum, item) => sum + item.quantity, 0)
