import { describe, expect, it } from 'vitest'
import { type Found, products, reckon, wantedOrders } from '../../../../localstack/demo/orders.ts'

const wanted = wantedOrders(8)
const approved = (i: number, amount: number) => ({
  orderId: `o${i}`,
  status: 'APPROVED' as const,
  total: { amount, currency: 'EUR' },
})
const charge = (i: number, amount: number, status: 'CAPTURED' | 'DECLINED' | 'REFUNDED' = 'CAPTURED') => ({
  key: `k${i}`,
  orderId: `o${i}`,
  amount,
  currency: 'EUR',
  status,
})
/** One cup and two teas are sold; the last one's card is declined. */
const good: Found = {
  placed: new Map([0, 1, 7].map(i => [`o${i}`, wanted[i] ?? expect.fail('no such order')])),
  orders: [approved(0, 1200), approved(1, 900), { orderId: 'o7', status: 'REJECTED', reason: 'CARD_DECLINED' }],
  charges: [charge(0, 1200), charge(1, 900), charge(7, 900, 'DECLINED'), { ...charge(3, 5), orderId: 'another' }],
  stock: { tea: products.tea.stock - 2, cup: products.cup.stock - 1 },
  running: 0,
}

describe('the sums of the demonstration', () => {
  it('add up when all went well; charges of others do not count', () => {
    expect(reckon(good)).toEqual({
      orders: { APPROVED: 2, 'REJECTED (CARD_DECLINED)': 1 },
      stock: [
        { productId: 'tea', before: 100, sold: 2, left: 98, addsUp: true },
        { productId: 'cup', before: 15, sold: 1, left: 14, addsUp: true },
      ],
      money: { owed: 2100, captured: 2100, captures: 2, declines: 1, addsUp: true },
      wrong: [],
    })
  })

  const cases: [what: string, more: Partial<Found>, says: string][] = [
    ['an order is lost', { orders: good.orders.slice(1) }, '3 orders were placed, and there are 2'],
    ['a saga goes on', { running: 1 }, '1 sagas have not ended'],
    [
      'an order is pending',
      { orders: [{ orderId: 'o0', status: 'PENDING' }, ...good.orders.slice(1)] },
      'order o0 has not ended',
    ],
    [
      'an order is paid twice',
      { charges: [...good.charges, { ...charge(0, 1200), key: 'again' }] },
      'order o0 is APPROVED, and its charges are CAPTURED 1200, CAPTURED 1200',
    ],
    ['an order is not paid', { charges: good.charges.slice(1) }, 'order o0 is APPROVED, and its charges are none'],
    [
      'a rejected order is paid',
      { charges: [...good.charges.slice(0, 2), charge(7, 900)] },
      'order o7 is REJECTED (CARD_DECLINED), and its charges are CAPTURED 900',
    ],
    ['a cup is gone', { stock: { ...good.stock, cup: 13 } }, 'of 15 cup 1 were sold, and 13 are left'],
  ]
  it.each(cases)('do not when %s', (_, more, publishes) => {
    expect(reckon({ ...good, ...more }).wrong).toContain(publishes)
  })
})
