import { describe, expect, it } from 'vitest'
import { resolutionOf } from '#engine/saga/resolution.ts'
import { CreatePolicy } from '../../../lambdas/services/policy/contract.ts'

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

  it('says which field is wrong', () => {
    expect(resolutionOf(CreatePolicy.done, { policyID: 'p1', quoteID: 'q1' }, { idNeeded: true })).toMatchObject({
      problem: expect.stringContaining('customerId: '),
    })
  })
})
