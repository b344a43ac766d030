/** Orders that were placed, and the sums that must come out, by an observer who sees the API, the ledger and the tables. */
import { expect } from 'vitest'
import { drained, groupsOf, resetToBeginning } from './broker-client.ts'
import type { Charge, HttpClient, Operator } from './http-client.ts'
import { allItems } from './table-items.ts'
import { until } from './until.ts'

export interface Placed {
  readonly productId: string
  readonly quantity: number
  readonly paymentMethod: string
}

/** Who asks, and where the tables are. */
export interface Observer {
  readonly alice: HttpClient
  readonly operator: Operator
  /** Of DynamoDB. */
  readonly endpoint: string
}

/** `count` orders of one or two pieces: every tenth is declined, every third wants what there is too little of, unless `only` names a product. */
export const mixedOrders = (count: number, only?: string): Placed[] =>
  Array.from({ length: count }, (_, i) => ({
    productId: only ?? (i % 3 === 0 ? 'scarce' : 'plenty'),
    quantity: 1 + (i % 2),
    paymentMethod: i % 10 === 7 ? 'tok_declined' : 'tok_visa',
  }))

/** Under the key `<label>-<i>`, which is asked again until it is answered. */
export const placeOne = (alice: HttpClient, { productId, quantity, paymentMethod }: Placed, key: string) =>
  alice.place({ [productId]: quantity }, paymentMethod, { 'idempotency-key': key })

async function readOrders({ alice }: Observer, ids: readonly string[]) {
  const answers = await Promise.all(ids.map(orderId => alice.get(`/orders/${orderId}`)))
  return answers.map(({ body }) => body as { orderId: string; status?: string | number; reason?: string })
}

/** Until every order is APPROVED or REJECTED. */
export async function allEnd(observer: Observer, placed: ReadonlyMap<string, Placed>, withinMs: number): Promise<void> {
  let open: string[] = [...placed.keys()]
  await until(
    `the end of ${placed.size} orders`,
    withinMs,
    async () => {
      const now = await readOrders(observer, open)
      open = open.filter((_, i) => now[i]?.status !== 'APPROVED' && now[i]?.status !== 'REJECTED')
      return open.length === 0
    },
    () => `${open.length} open: ${open.slice(0, 3).join()}`,
  )
}

/** Stock is what was there less what was approved; each approved order is paid once and in full, no other one is; histories are whole. */
export async function addsUp(
  observer: Observer,
  placed: ReadonlyMap<string, Placed>,
  stock: Readonly<Record<string, number>>,
): Promise<void> {
  const { operator, endpoint } = observer
  const orders = await readOrders(observer, [...placed.keys()])
  const sold: Record<string, number> = {}
  const charges = Map.groupBy(await operator.charges(), ({ orderId }) => orderId)
  const { products = [], 'orders-history': history = [] } = await allItems(endpoint)
  const rows = Map.groupBy(history, ({ orderId }) => orderId)
  for (const { orderId, status, reason } of orders) {
    const { productId, quantity, paymentMethod } = placed.get(orderId) ?? expect.fail(`${orderId} was not placed`)
    const price = products.find(product => product['productId'] === productId)?.['price'] as { amount: number }
    const amount = price.amount * quantity
    const paid = (charges.get(orderId) ?? []).map(({ status, amount }: Charge) => ({ status, amount }))
    if (status === 'APPROVED') {
      sold[productId] = (sold[productId] ?? 0) + quantity
      expect(paid, orderId).toEqual([{ status: 'CAPTURED', amount }])
    } else if (reason === 'CARD_DECLINED') expect(paid, orderId).toEqual([{ status: 'DECLINED', amount }])
    else if (reason === 'OUT_OF_STOCK') expect(paid, orderId).toEqual([])
    // It ran out of time: a charge that was made is given back.
    else
      expect({ reason, captured: paid.filter(({ status: of }) => of === 'CAPTURED') }, orderId).toEqual({
        reason: 'TIMED_OUT',
        captured: [],
      })
    if (paymentMethod === 'tok_declined') expect(status, orderId).toBe('REJECTED')
    expect((rows.get(orderId) ?? []).map(row => String(row['status'])).toSorted(alphabetically), orderId).toEqual(
      status === 'APPROVED' ? ['APPROVED', 'CREATED'] : ['CREATED', 'REJECTED'],
    )
  }
  for (const [productId, before] of Object.entries(stock)) {
    const left = before - (sold[productId] ?? 0)
    expect(await operator.stockOf(productId), productId).toBe(left)
    expect(left, productId).toBeGreaterThanOrEqual(0)
  }
}

const alphabetically = (a: string, b: string) => a.localeCompare(b)

/** Every consumer reads every topic from its beginning again; returns when nothing is under way. Call it when nothing is. */
export async function redeliverAll(operator: Operator, brokers: string, withinMs: number): Promise<void> {
  const groups = await groupsOf(brokers)
  const consumers = [...new Set(groups.map(({ consumer }) => consumer))]
  await Promise.all(consumers.map(name => operator.pause(name)))
  await resetToBeginning(brokers, groups)
  await Promise.all(consumers.map(name => operator.resume(name)))
  await drained(brokers, withinMs)
}
