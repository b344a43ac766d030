/** What we publish fits where it goes, and what we commit fits a transaction: the contracts' limits are the stores'. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BATCH_OVERHEAD_BYTES, bodyBytesOf, recordBytesMax } from '#engine/adapters/kafka/record-size.ts'
import { OrderCreatedEvent } from '../../../../lambdas/services/order/contract.ts'
import { toRecord } from '#engine/delivery/to-record.ts'
import { TOPIC_BYTES_MAX } from '#engine/delivery/topics.ts'
import { MESSAGE_BYTES_MAX } from '#engine/delivery/check-published.ts'
import { ID_LENGTH_MAX } from '#engine/delivery/saga-id.ts'
import { ITEM_LINES_MAX } from '#engine/model/fields.ts'
import { TRANSACTION_ITEMS_MAX } from '#engine/model/ports.ts'
import { startDomain } from '#engine/testing'
import { memoryProvider } from '../../../../localstack/sandbox/memory-provider.ts'
import { ordersDomain } from '../../../../scripts/cost/orders-in-process.ts'
import { update } from '../../../../lambdas/services/customer/rules.ts'

/** As long as an id may be, each another. */
const LONG = (n: number) => `${'é'.repeat(ID_LENGTH_MAX - 4)}${String(n).padStart(4, '0')}`
const lines = (count: number, quantity = 1) =>
  Array.from({ length: count }, (_, n) => ({ productId: LONG(n), quantity }))

function orders() {
  const provider = memoryProvider()
  const domain = startDomain(ordersDomain, {
    calls: { payment: { charge: provider.charge, cancel: provider.cancel, refund: provider.refund } },
    keepsDeadLetters: true,
  })
  const sell = async (count: number, amount = 1) => {
    for (let n = 0; n < count; n += 1) {
      const productId = LONG(n)
      const price = { amount, currency: 'EUR' }
      const item = { productId, name: 'p', shelf: 'all', price, stock: 1_000_000_000, version: 1 }
      await domain.store.commit([{ ref: { table: 'products', key: { productId } }, previous: undefined, item }])
    }
  }
  const place = (count: number, quantity = 1) =>
    domain.publish(
      OrderCreatedEvent,
      { customerId: 'c1', items: lines(count, quantity), paymentMethod: 'tok_visa' },
      { sagaId: 'o1' },
    )
  return { domain, sell, place, letters: () => domain.deadLetters() }
}

describe('an order of as many long lines as a reservation takes', () => {
  it('is one line fewer than a transaction has items, and the published schema says the same', () => {
    expect(ITEM_LINES_MAX).toBe(TRANSACTION_ITEMS_MAX - 1)
    const schemas = readFileSync(new URL('../../../../docs/asyncapi/orchestration.yaml', import.meta.url), 'utf8')
    const limits = [...schemas.matchAll(/maxItems: (\d+)/g)].map(([, limit]) => Number(limit))
    expect(limits.length).toBeGreaterThan(0)
    expect(new Set(limits)).toEqual(new Set([ITEM_LINES_MAX]))
  })

  it('goes through to its end', async () => {
    const { sell, place, domain, letters } = orders()
    await sell(ITEM_LINES_MAX)
    await place(ITEM_LINES_MAX)
    expect(letters()).toEqual([])
    expect(domain.messages().map(({ type }) => type)).toContain('PaymentProcessSuccessfulEvent')
    expect(domain.messages().map(({ type }) => type)).toContain('OrderApprovedCommand')
  })

  it('with one more is a dead letter at once that names the field: no saga begins', async () => {
    const { sell, place, domain, letters } = orders()
    await sell(ITEM_LINES_MAX + 1)
    await place(ITEM_LINES_MAX + 1)
    expect(letters()).toMatchObject([{ reason: 'INVALID', consumer: 'order-saga' }])
    expect(letters()[0]?.error).toContain('data.items')
    expect(domain.messages()).toHaveLength(1)
  })
})

describe('a number beyond what is exact', () => {
  it('is never a total: an order that costs more can’t be had, and ends', async () => {
    const { sell, place, domain, letters } = orders()
    await sell(3, 100_000_000_000)
    await place(3, 90_000)
    expect(letters()).toEqual([])
    expect(domain.messages().find(({ type }) => type === 'ProductReserveFailedEvent')?.data).toEqual({
      reason: 'OUT_OF_STOCK',
      productId: LONG(1),
    })
    expect(domain.messages().map(({ type }) => type)).toContain('OrderRejectCommand')
  })

  it('is never a customer’s count: a larger one is refused where it is set', () => {
    const told = (policyCount: number) =>
      update(
        undefined,
        { id: 'm1', type: 'UpdateCustomerPolicyCount', sagaId: 'c1', body: { customerId: 'c1', policyCount } },
        { read: () => ({ policyCount: 0 }), now: 0 } as never,
      )
    expect(told(1_000_000_000_000)).toMatchObject({ kind: 'commit' })
    expect(told(Number.MAX_SAFE_INTEGER)).toMatchObject({
      kind: 'refuse',
      why: expect.stringContaining('data.policyCount'),
    })
  })
})

it('the largest message that may be published fits its topic, whatever its ids are', () => {
  const longest = '😀'.repeat(ID_LENGTH_MAX / 2)
  const record = toRecord(
    {
      id: longest,
      messageType: OrderCreatedEvent,
      body: { text: 'x'.repeat(MESSAGE_BYTES_MAX) },
      sagaId: longest,
      causationId: longest,
      time: 0,
      source: 'x'.repeat(256),
    },
    't',
  )
  expect(BATCH_OVERHEAD_BYTES + recordBytesMax(bodyBytesOf(record))).toBeLessThan(TOPIC_BYTES_MAX)
})
