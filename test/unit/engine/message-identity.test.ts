/** What a duplicate is known by: a source's own numbers are its own, and nobody's take the place of another's. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { identityOf, type SaidOfItself, senderIdOf } from '#engine/delivery/message-identity.ts'

const LENGTH_MAX = 184
const types = ['PaymentProcessCommand', 'PaymentVoidCommand', 'ProductReserveConfirmationEvent']
/** Few, so that they meet; some could be taken for a separator, or for what is made of others. */
const pieces = fc.array(fc.constantFrom('1', '2', ':', '@', '/', '"', ',', '\\', '\0', 'é', '[', 'sha256:'), {
  minLength: 1,
  maxLength: 4,
})
const odd = pieces.map(parts => parts.join(''))
const id = fc.oneof(
  odd,
  fc.constantFrom('1', '2', 'order-saga:o1.1.0', 'x'.repeat(160), 'x'.repeat(161), `${'x'.repeat(161)}y`),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).map(text => text.toWellFormed()),
)
const theirs = fc.oneof(fc.constantFrom('/stock', '/pay', '/recourse', '/Recourse/order', 'recourse/order'), odd)
const type = fc.constantFrom(...types)
const foreign = fc.record({ id, type, source: fc.option(theirs, { nil: undefined }) })
const ours = fc.record({
  id: fc
    .tuple(fc.constantFrom('order', 'payment'), fc.constantFrom('o1', '1', 'é'), fc.nat(9))
    .map(([of, key, version]) => `${of}:${key}.${version}.0`),
  type,
  source: fc.constantFrom('/recourse/order', '/recourse/payment'),
})

/** Whether they are one message by the contract. */
const isOne = (a: SaidOfItself, b: SaidOfItself) =>
  a.id === b.id && a.source === b.source && (a.source === undefined || a.type === b.type)

describe('a message of another', () => {
  test('is a duplicate of one with its source, its type and its id, and of no other', () => {
    fc.assert(
      fc.property(foreign, foreign, (a, b) => {
        expect(identityOf(a) === identityOf(b)).toBe(isOne(a, b))
      }),
      { numRuns: 2000 },
    )
  })
  test('cannot be made to look like another: not by an id that is what another is known by', () => {
    fc.assert(
      fc.property(foreign, foreign, (a, b) => {
        const forged = { ...b, id: identityOf(a) }
        // Without a source an id is all there is, and whoever has read it may say it.
        if (a.source === undefined && b.source === undefined) return
        if (!isOne(forged, a)) expect(identityOf(forged)).not.toBe(identityOf(a))
      }),
      { numRuns: 2000 },
    )
  })
  test('with a source cannot take the place of one of ours, whatever its id', () => {
    fc.assert(
      fc.property(ours, theirs, (own, source) => {
        expect(identityOf({ ...own, source })).not.toBe(identityOf(own))
      }),
    )
  })
  test('is known by few characters, and shown by the id that its sender gave it', () => {
    fc.assert(
      fc.property(foreign, message => {
        const identity = identityOf(message)
        expect(identity.length).toBeLessThanOrEqual(LENGTH_MAX)
        if (message.id.length > 160) expect(senderIdOf(identity)).toMatch(/^sha256:[0-9a-f]{64}$/)
        else if (message.source !== undefined) expect(senderIdOf(identity)).toBe(message.id)
      }),
    )
  })
})

test('ours, and those without a source, are known by their id alone', () => {
  for (const source of ['/recourse/order', undefined])
    for (const id of ['1', 'order:o1.1.0', 'orders-events-1@7', '@me', 'x'.repeat(160)])
      for (const type of types) {
        expect(identityOf({ id, type, source })).toBe(id)
        expect(senderIdOf(id)).toBe(id)
      }
})
