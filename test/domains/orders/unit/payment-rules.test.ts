/** A charge that comes after its void: what it is answered, and under which ids. */
import { describe, expect, it } from 'vitest'
import { given } from '#engine/testing'
import * as c from '../../../../lambdas/services/payment/contract.ts'
import { type Payment, payment } from '../../../../lambdas/services/payment/rules.ts'

const charged = { amount: 450, currency: 'EUR', paymentMethod: 'tok_visa' }
const captured = { amount: 450, currency: 'EUR', paymentId: 'pay-1' }
const paymentThatIs = (status: Payment['status'], version: number) =>
  given(payment, { status, ...captured }, { sagaId: 'o1', version })

describe('a charge that comes while the money is being given back', () => {
  const charging = paymentThatIs('REFUNDING', 2).when(c.PaymentProcessCommand, charged)

  it('sees to that first, and is answered with what came of it', () => {
    charging.thenCalls('refund').thenPublishesNothing()
    charging
      .answered({ outcome: 'refunded' })
      .thenState({ status: 'REFUNDED' })
      .thenPublishes(c.PaymentFailedEvent, { reason: 'CANCELLED' }, { id: 'payment:o1.3.0' })
  })

  it('leaves the void to be answered from what is then known', () => {
    const refunded = charging.answered({ outcome: 'refunded' })
    refunded.when(c.PaymentVoidCommand, { reason: 'TIMED_OUT' }).thenPublishes(c.PaymentVoidedEvent, { refunded: true })
    // And when it comes again itself, it is answered as before.
    refunded.again().thenPublishes(c.PaymentFailedEvent, { reason: 'CANCELLED' }, { id: 'payment:o1.3.0' })
  })
})

describe('a charge that comes after its void', () => {
  it.each(['VOIDED', 'REFUNDED'] as const)('is refused under one id, however often: %s', status => {
    const first = paymentThatIs(status, 3).when(c.PaymentProcessCommand, charged)
    first.thenPublishes(c.PaymentFailedEvent, { reason: 'CANCELLED' })
    expect(first.again().decision.effects.sent).toEqual(first.decision.effects.sent)
  })
})
