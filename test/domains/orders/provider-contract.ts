import { beforeEach, describe, expect, test } from 'vitest'
import { PoisonMessageError, RetryableError } from '#engine/model/errors.ts'
import type { PaymentProvider } from '../../../lambdas/services/payment/provider.ts'
import type { LedgerEntry, ProviderMode } from '../../../localstack/sandbox/provider.ts'

export interface ProviderUnderTest {
  readonly provider: PaymentProvider
  setMode(mode: ProviderMode): Promise<void>
  charges(): Promise<LedgerEntry[]>
}

/** What every adapter of the PaymentProvider port does. `start` gives one on an empty ledger, in mode `up`. */
export function providerContract(name: string, start: () => Promise<ProviderUnderTest>): void {
  const key = 'order.o1.pay'
  const about = { key, orderId: 'o1', amount: 4200, currency: 'EUR' }
  const chargeWith = (paymentMethod: string) => ({ ...about, paymentMethod })
  const captured = { outcome: 'captured', paymentId: expect.stringMatching(/^pay_/) as unknown }
  let it: ProviderUnderTest
  beforeEach(async () => {
    it = await start()
  })
  const statuses = async () => (await it.charges()).map(({ status }) => status)

  describe(`payment provider: ${name}`, () => {
    test('charges once per key and gives the same payment for the same key', async () => {
      const first = await it.provider.charge(chargeWith('tok_visa'))
      expect(first).toEqual(captured)
      expect(await it.provider.charge(chargeWith('tok_visa'))).toEqual(first)
      expect(await it.provider.find({ key })).toEqual(first)
      expect(await it.charges()).toEqual([expect.objectContaining({ ...about, status: 'CAPTURED' })])
    })

    test('a declined card stays declined under its key, and another key is another charge', async () => {
      expect(await it.provider.charge(chargeWith('tok_declined'))).toEqual({ outcome: 'declined' })
      expect(await it.provider.charge(chargeWith('tok_visa'))).toEqual({ outcome: 'declined' })
      expect(await it.provider.charge({ ...chargeWith('tok_visa'), key: 'another' })).toEqual(captured)
      expect(await statuses()).toEqual(['DECLINED', 'CAPTURED'])
    })

    test('a charge that is never answered is found by its key', async () => {
      const outcome = await it.provider.charge(chargeWith('tok_timeout'))
      expect(outcome).toEqual(captured)
      expect(await it.provider.find({ key })).toEqual(outcome)
    })

    test('answers 503 twice and then charges', async () => {
      await expect(it.provider.charge(chargeWith('tok_unavailable'))).rejects.toThrow(RetryableError)
      await expect(it.provider.charge(chargeWith('tok_unavailable'))).rejects.toThrow(RetryableError)
      expect(await it.charges()).toEqual([])
      expect(await it.provider.charge(chargeWith('tok_unavailable'))).toEqual(captured)
    })

    test('refuses a key that comes again with another amount', async () => {
      await it.provider.charge(chargeWith('tok_visa'))
      await expect(it.provider.charge({ ...chargeWith('tok_visa'), amount: 1 })).rejects.toThrow(PoisonMessageError)
      await expect(it.provider.charge({ ...chargeWith('tok_visa'), currency: 'USD' })).rejects.toThrow(
        PoisonMessageError,
      )
    })

    test('a cancel is final: the charge that comes later is refused', async () => {
      expect(await it.provider.cancel(about)).toEqual({ outcome: 'cancelled' })
      expect(await it.provider.charge(chargeWith('tok_visa'))).toEqual({ outcome: 'cancelled' })
      expect(await it.provider.find({ key })).toEqual({ outcome: 'cancelled' })
      expect(await it.charges()).toEqual([{ ...about, status: 'CANCELLED' }])
    })

    test('a cancel after the charge says what became of it', async () => {
      await it.provider.charge(chargeWith('tok_visa'))
      expect(await it.provider.cancel(about)).toEqual(captured)
      await it.provider.charge({ ...chargeWith('tok_declined'), key: 'k2' })
      expect(await it.provider.cancel({ ...about, key: 'k2' })).toEqual({ outcome: 'declined' })
    })

    test('gives back once what was captured, and nothing where there is nothing', async () => {
      await it.provider.charge(chargeWith('tok_visa'))
      const refund = { key, refundKey: 'order.o1.refund' }
      expect(await it.provider.refund(refund)).toEqual({ ...captured, outcome: 'refunded' })
      expect(await it.provider.refund(refund)).toEqual({ ...captured, outcome: 'refunded' })
      expect(await it.provider.cancel(about)).toEqual({ ...captured, outcome: 'refunded' })
      expect(await it.provider.charge(chargeWith('tok_visa'))).toEqual({ ...captured, outcome: 'refunded' })
      expect(await it.provider.refund({ key: 'never', refundKey: 'r' })).toEqual({ outcome: 'none' })
      expect(await statuses()).toEqual(['REFUNDED'])
    })

    test('knows nothing about a key that never came', async () => {
      expect(await it.provider.find({ key: 'never' })).toEqual({ outcome: 'none' })
    })

    test('takes any text for a key, however long', async () => {
      for (const odd of ['order-ключ заказа', `order-${'x'.repeat(300)}`]) {
        const outcome = await it.provider.charge({ ...chargeWith('tok_visa'), key: odd })
        expect(outcome).toEqual(captured)
        expect(await it.provider.cancel({ ...about, key: odd })).toEqual(outcome)
        expect(await it.provider.find({ key: odd })).toEqual(outcome)
      }
      expect(await statuses()).toEqual(['CAPTURED', 'CAPTURED'])
    })

    test('while it is down nothing is done and everything may be tried again', async () => {
      await it.setMode('down')
      await expect(it.provider.charge(chargeWith('tok_visa'))).rejects.toThrow(RetryableError)
      await expect(it.provider.cancel(about)).rejects.toThrow(RetryableError)
      await expect(it.provider.refund({ key, refundKey: 'r' })).rejects.toThrow(RetryableError)
      await expect(it.provider.find({ key })).rejects.toThrow(RetryableError)
      expect(await it.charges()).toEqual([])
    })

    test('a charge that hangs is unknown, lands when the provider is back, and a cancel then tells of it', async () => {
      await it.setMode('hang')
      expect(await it.provider.charge(chargeWith('tok_visa'))).toEqual({ outcome: 'unknown' })
      await expect(it.provider.cancel({ ...about, key: 'k2' })).rejects.toThrow(RetryableError)
      expect(await it.charges()).toEqual([])
      await it.setMode('up')
      expect(await statuses()).toEqual(['CAPTURED', 'CANCELLED'])
      expect(await it.provider.cancel(about)).toEqual(captured)
    })
  })
}
