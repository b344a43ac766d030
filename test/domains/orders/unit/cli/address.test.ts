import { describe, expect, test } from 'vitest'
import { askedBy } from '../../../../support/asked-by.ts'

describe.each(['', '/'])('below a stage, with "%s" at its end', slash => {
  test.each([
    [
      ['order', 'show', 'o1'],
      ['GET /v1/orders/o1', 'GET /v1/orders/o1/history'],
    ],
    [['order', 'place', '--item', 'tea:1', '--payment-method', 'tok'], ['POST /v1/orders']],
  ])('%j asks there', async (args, expected) => {
    expect(await askedBy(args, { slash })).toEqual(expected)
  })
})
