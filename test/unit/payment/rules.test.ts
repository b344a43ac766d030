/** A charge that comes after its void: what it is answered, and under which ids. */
import { describe, expect, it } from 'vitest'
import type { Message } from '#engine/model/aggregate.ts'
import type { BatchInput } from '#engine/delivery/batch-decision.ts'
import { decideBatch } from '#engine/delivery/decide-batch.ts'
import { type Payment, payment } from '../../../lambdas/services/payment/rules.ts'

const message = (type: string, id: string): Message => ({
  id,
  type,
  sagaId: 'o1',
  control: false,
  body: { amount: 450, currency: 'EUR', paymentMethod: 'tok_visa' },
})
const charge = message('PaymentProcessCommand', 'order-saga:o1.2.0')
const giveBack = message('PaymentVoidCommand', 'order-saga:o1.3.0')
type Stored = NonNullable<BatchInput<Payment>['stored']>
const stored = (state: Payment, version: number): Stored => ({
  item: {},
  state,
  version,
  handled: [],
  sent: [],
  rows: [],
  committedAt: 0,
})
const decide = (was: Stored, what: Message, answer?: { value: unknown; call: string }) =>
  decideBatch({
    aggregate: payment,
    key: 'o1',
    stored: was,
    message: [what],
    now: 1,
    read: () => undefined,
    ...(answer && { answer }),
  })
const captured = { amount: 450, currency: 'EUR', paymentId: 'pay-1' }

describe('a charge that comes while the money is being given back', () => {
  const refunding = stored({ status: 'REFUNDING', ...captured }, 2)

  it('sees to that first, and is answered with what came of it', () => {
    expect(decide(refunding, charge)).toMatchObject({ call: { call: { name: 'refund' } }, effects: { sent: [] } })
    const { commit, effects } = decide(refunding, charge, { value: { outcome: 'refunded' }, call: 'refund' })
    expect(commit?.stored.state).toMatchObject({ status: 'REFUNDED' })
    expect(effects.sent).toMatchObject([
      { type: 'PaymentFailedEvent', body: { reason: 'CANCELLED' }, id: 'payment:o1.3.0' },
    ])
  })

  it('leaves the void to be answered from what is then known', () => {
    const { commit } = decide(refunding, charge, { value: { outcome: 'refunded' }, call: 'refund' })
    expect(decide(commit?.stored as Stored, giveBack).effects.sent).toMatchObject([
      { type: 'PaymentVoidedEvent', body: { refunded: true } },
    ])
    // And when it comes again itself, it says what it said.
    expect(decide(commit?.stored as Stored, charge).effects.sent).toMatchObject([{ id: 'payment:o1.3.0' }])
  })
})

describe('a charge that comes after its void', () => {
  it.each(['VOIDED', 'REFUNDED'] as const)('is refused under one id, however often: %s', status => {
    const was = stored({ status, ...captured }, 3)
    const [first, second] = [1, 2].map(() => decide(was, charge).effects.sent)
    expect(first).toMatchObject([{ type: 'PaymentFailedEvent', body: { reason: 'CANCELLED' } }])
    expect(second).toEqual(first)
  })
})
