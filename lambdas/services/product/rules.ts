/**
 * Reserves every line of an order or none, and gives all of it back. The reservation belongs to the order; the stock is
 * changed only alongside it, in one transaction. Pure.
 */
import { aggregate, publish } from '#engine/model/aggregate-builder.ts'
import type { Decision, DecisionContext, Published } from '#engine/model/aggregate.ts'
import type { Body } from '#engine/model/messages.ts'
import type { Alongside, Ref } from '#engine/model/ports.ts'
import * as c from './contract.ts'
import { productsTable, reservationsTable } from './tables.ts'

type Items = Body<typeof c.ProductReserveCommand>['items']
type Total = Body<typeof c.ProductReserveConfirmationEvent>['total']
type Reason = Body<typeof c.ProductReserveFailedEvent>['reason']

/** HELD: the stock is taken. REJECTED: none was. CANCELLED: given back, or never to be taken (a tombstone). */
export type Reservation =
  | { readonly status: 'HELD'; readonly items: Items; readonly total: Total }
  | { readonly status: 'REJECTED'; readonly reason: Reason; readonly productId?: string }
  | { readonly status: 'CANCELLED'; readonly reason: string }

export const reservation = aggregate<Reservation>('reservation', { table: reservationsTable })
  .handles(c.ProductReserveCommand, {
    publishes: [c.ProductReserveConfirmationEvent, c.ProductReserveFailedEvent, c.ProductReserveCancelledEvent],
    reads: ({ body }) => productIds(body.items).map(product),
    decide: (state, { body }, context) => reserve(state, body.items, context),
  })
  .handles(c.ProductReserveCancelCommand, {
    publishes: [c.ProductReserveCancelledEvent],
    decide: (state, { body }) => cancel(state, body),
  })
  .republishes(c.ProductReserveConfirmationEvent, replyAgain)
  .republishes(c.ProductReserveFailedEvent, replyAgain)
  .republishes(c.ProductReserveCancelledEvent, replyAgain)
  .build()

type Cancelled = typeof c.ProductReserveCancelledEvent.type
type Reply = typeof c.ProductReserveConfirmationEvent.type | typeof c.ProductReserveFailedEvent.type | Cancelled

function reserve(state: Reservation | undefined, items: Items, context: DecisionContext): Decision<Reservation, Reply> {
  if (state) return { kind: 'answer', publish: repliesOf(state) }
  const judged = judge(items, context)
  if ('reason' in judged) {
    const rejected: Reservation = { status: 'REJECTED', ...judged }
    return { kind: 'commit', state: rejected, publish: repliesOf(rejected) }
  }
  const held: Reservation = { status: 'HELD', items, total: judged.total }
  return { kind: 'commit', state: held, publish: repliesOf(held), alongside: stock(items, -1) }
}

/** A cancel that comes before its reserve leaves a tombstone, so that the late reserve is refused: the two commute. */
function cancel(state: Reservation | undefined, { reason }: { reason: string }): Decision<Reservation, Cancelled> {
  if (state?.status === 'REJECTED' || state?.status === 'CANCELLED')
    return { kind: 'answer', publish: [cancelled(state.reason)] }
  return {
    kind: 'commit',
    state: { status: 'CANCELLED', reason },
    publish: [cancelled(reason)],
    ...(state && { alongside: stock(state.items, 1) }),
  }
}

/** What a reserve is told, whenever it asks. */
function repliesOf(state: Reservation) {
  switch (state.status) {
    case 'HELD':
      return [publish(c.ProductReserveConfirmationEvent, { items: state.items, total: state.total })]
    case 'REJECTED':
      return [
        publish(c.ProductReserveFailedEvent, {
          reason: state.reason,
          ...(state.productId !== undefined && { productId: state.productId }),
        }),
        cancelled(state.reason),
      ]
    case 'CANCELLED':
      return [publish(c.ProductReserveFailedEvent, { reason: 'CANCELLED' }), cancelled(state.reason)]
  }
}

/** The reply of that type, if the state still has it. */
function replyAgain(state: Reservation, { type }: Pick<Published, 'type'>) {
  return repliesOf(state).find(({ message }) => message.type === type)
}

const cancelled = (reason: string) => publish(c.ProductReserveCancelledEvent, { reason })

/** What all lines cost, or why they cannot be had. */
function judge(items: Items, context: DecisionContext): { total: Total } | { reason: Reason; productId?: string } {
  let total: Total | undefined
  for (const productId of productIds(items)) {
    const found = context.read(product(productId))
    if (!found) return { reason: 'UNKNOWN_PRODUCT', productId }
    const quantity = quantityOf(items, productId)
    const price = found['price'] as Total
    if (total && total.currency !== price.currency) return { reason: 'MIXED_CURRENCY', productId }
    if (Number(found['stock']) < quantity) return { reason: 'OUT_OF_STOCK', productId }
    total = { amount: (total?.amount ?? 0) + price.amount * quantity, currency: price.currency }
    // Nobody can be charged that, or be told it exactly: so much can't be had. The contract has no reason of its own for it.
    if (!Number.isSafeInteger(total.amount)) return { reason: 'OUT_OF_STOCK', productId }
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
const productIds = (items: Items) => [...new Set(items.map(item => item.productId))]
const quantityOf = (items: Items, productId: string) =>
  items.filter(item => item.productId === productId).reduce((sum, item) => sum + item.quantity, 0)
