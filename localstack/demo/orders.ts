/** The orders of the demonstration, and the sums that must come out. Pure. */
import type { Order } from '../../client/order.ts'
import type { LedgerEntry } from '../sandbox/book.ts'

export const products = {
  tea: { name: 'Tea', price: { amount: 450, currency: 'EUR' }, stock: 100 },
  /** Too few for all who want one. */
  cup: { name: 'Cup', price: { amount: 1200, currency: 'EUR' }, stock: 15 },
} as const
export type ProductId = keyof typeof products
const productIds = Object.keys(products) as ProductId[]

export interface Wanted {
  readonly productId: ProductId
  readonly quantity: number
  readonly paymentMethod: 'tok_visa' | 'tok_declined'
}

/** One or two pieces each, every third order of cups; every tenth card is declined. */
export const wantedOrders = (count: number): Wanted[] =>
  Array.from({ length: count }, (_, i) => ({
    productId: i % 3 === 0 ? 'cup' : 'tea',
    quantity: 1 + (i % 2),
    paymentMethod: i % 10 === 7 ? 'tok_declined' : 'tok_visa',
  }))

/** What there is in the end. */
export interface Found {
  /** What was wanted, by the id that its order was given. */
  readonly placed: ReadonlyMap<string, Wanted>
  readonly orders: readonly Pick<Order, 'orderId' | 'status' | 'reason' | 'total'>[]
  readonly charges: readonly LedgerEntry[]
  /** Units left. */
  readonly stock: Readonly<Record<ProductId, number>>
  /** Sagas that have not ended. */
  readonly running: number
}

export interface Reckoning {
  /** Orders by how they ended: `APPROVED`, `REJECTED (OUT_OF_STOCK)`. */
  readonly orders: Readonly<Record<string, number>>
  readonly stock: readonly { productId: ProductId; before: number; sold: number; left: number; addsUp: boolean }[]
  readonly money: {
    /** What approved orders come to, and what the payment provider has taken: minor units. */
    readonly owed: number
    readonly captured: number
    readonly captures: number
    readonly declines: number
    readonly addsUp: boolean
  }
  /** What is not as it should be, one sentence each; none: all adds up. */
  readonly wrong: readonly string[]
}

/** Each order by itself, then the sums: what was sold is gone from the stock, what was approved is paid, once. */
export function reckon({ placed, orders, charges, stock, running }: Found): Reckoning {
  const ours = charges.filter(({ orderId }) => placed.has(orderId))
  const byOrder = Map.groupBy(ours, ({ orderId }) => orderId)
  const approved = orders.filter(({ status }) => status === 'APPROVED')
  const sold = (productId: ProductId) =>
    sum(
      approved.map(({ orderId }) => placed.get(orderId)).filter(wanted => wanted?.productId === productId),
      wanted => wanted?.quantity ?? 0,
    )
  const shelves = productIds.map(productId => {
    const [before, gone, left] = [products[productId].stock, sold(productId), stock[productId]]
    return { productId, before, sold: gone, left, addsUp: before - gone === left && left >= 0 }
  })
  const captures = ours.filter(({ status }) => status === 'CAPTURED')
  const owed = sum(approved, ({ total }) => total?.amount ?? 0)
  const captured = sum(captures, ({ amount }) => amount)
  return {
    orders: countBy(orders.map(({ status, reason }) => (reason === undefined ? status : `${status} (${reason})`))),
    stock: shelves,
    money: {
      owed,
      captured,
      captures: captures.length,
      declines: ours.filter(({ status }) => status === 'DECLINED').length,
      addsUp: owed === captured,
    },
    wrong: [
      ...(orders.length === placed.size ? [] : [`${placed.size} orders were placed, and there are ${orders.length}`]),
      ...(running === 0 ? [] : [`${running} sagas have not ended`]),
      ...orders.flatMap(order => wrongWith(order, placed.get(order.orderId), byOrder.get(order.orderId) ?? [])),
      ...shelves.flatMap(({ productId, before, sold, left, addsUp }) =>
        addsUp ? [] : [`of ${before} ${productId} ${sold} were sold, and ${left} are left`],
      ),
      ...(owed === captured ? [] : [`approved orders come to ${owed}, and ${captured} was captured`]),
    ],
  }
}

function wrongWith(
  { orderId, status, reason, total }: Found['orders'][number],
  wanted: Wanted | undefined,
  charges: readonly LedgerEntry[],
): string[] {
  if (!wanted) return [`order ${orderId} was never placed`]
  if (status === 'PENDING') return [`order ${orderId} has not ended`]
  const price = products[wanted.productId].price.amount * wanted.quantity
  const paid = charges.map(charge => `${charge.status} ${charge.amount}`)
  if (status === 'APPROVED')
    return [
      ...(total?.amount === price ? [] : [`order ${orderId} comes to ${total?.amount}, and should to ${price}`]),
      ...(paid.length === 1 && paid[0] === `CAPTURED ${price}`
        ? []
        : [`order ${orderId} is APPROVED, and its charges are ${paid.join(', ') || 'none'}`]),
      ...(wanted.paymentMethod === 'tok_declined' ? [`order ${orderId} is APPROVED, and its card is declined`] : []),
    ]
  return charges.some(charge => charge.status === 'CAPTURED')
    ? [`order ${orderId} is REJECTED (${reason}), and its charges are ${paid.join(', ')}`]
    : []
}

const sum = <T>(items: readonly T[], of: (item: T) => number) => items.reduce((total, item) => total + of(item), 0)

const countBy = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(names, name => name)]
      .map(([name, of]) => [name, of.length] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
