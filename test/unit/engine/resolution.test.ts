import { describe, expect, it } from 'vitest'
import { resolutionOf } from '#engine/saga/resolution.ts'
import { CreatePolicy, PaymentProcessCommand } from '../../example/wire.ts'

describe('what an operator says that a missing reply was', () => {
  const data = { quoteID: 'q1', customerId: 'c1' }

  it('names what it is about, where that is not the saga itself', () => {
    expect(resolutionOf(CreatePolicy.done, { policyID: 'p1', ...data }, { idNeeded: true })).toMatchObject({
      body: { policyID: 'p1', ...data },
    })
  })

  it('is refused without that, unless nothing follows from it', () => {
    expect(resolutionOf(CreatePolicy.done, data, { idNeeded: true })).toEqual({
      problem: 'is to be the data of PolicyCreated (policyID: is missing)',
    })
    expect(resolutionOf(CreatePolicy.done, data, { idNeeded: false })).toMatchObject({ body: data })
  })

  it('is no other than it says: a type that is misspelt, or another outcome’s, is refused', () => {
    const whole = { policyID: 'p1', ...data }
    for (const type of ['PolicyCraeted', 'PolicyCreationFailed', 7, null])
      for (const given of [
        { type, data: whole },
        { type, ...whole },
      ])
        expect(resolutionOf(CreatePolicy.done, given, { idNeeded: true })).toEqual({
          problem: 'type: is to be PolicyCreated',
        })
    expect(resolutionOf(CreatePolicy.done, { type: 'PolicyCreated', data: whole }, { idNeeded: true })).toMatchObject({
      body: whole,
    })
  })

  it('is about this saga, where it names one', () => {
    const of = (orderId: unknown) =>
      resolutionOf(PaymentProcessCommand.done, { paymentId: 'p', orderId }, { idNeeded: true, sagaId: 'o1' })
    for (const other of [41, 'o2', null, ''])
      expect(of(other)).toMatchObject({ problem: expect.stringContaining('orderId') })
    expect(of('o1')).toMatchObject({ body: { paymentId: 'p' } })
  })

  it('says which field is wrong', () => {
    expect(resolutionOf(CreatePolicy.done, { policyID: 'p1', quoteID: 'q1' }, { idNeeded: true })).toMatchObject({
      problem: expect.stringContaining('customerId: '),
    })
  })
})
