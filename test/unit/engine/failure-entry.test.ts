/** Since when a consumer fails and why: what is written down, and when it counts as over. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entryOf, type Failure, FAILING_MS, isFailing, nextEntry, rowOf } from '#engine/delivery/failure-entry.ts'
import { LEFT_OUT } from '#engine/delivery/without-secrets.ts'
import { RetryableError } from '#engine/model/errors.ts'

const NOW = Date.parse('2026-12-01T02:00:00Z')
const failure = (given: Partial<Failure> = {}): Failure => ({
  consumer: 'payment',
  topic: 'payments-commands',
  partition: 2,
  offset: 41,
  error: new RetryableError('the broker did not answer', { code: 'KAFKA_CONNECTION' }),
  since: NOW,
  ...given,
})

describe('the entry of a failing partition', () => {
  it('says where it fails, since when, and with what', () => {
    expect(nextEntry(undefined, failure(), NOW + 5000)).toEqual({
      consumer: 'payment',
      topic: 'payments-commands',
      partition: 2,
      offset: 41,
      failingSince: NOW,
      lastFailedAt: NOW + 5000,
      lastError: 'RetryableError KAFKA_CONNECTION: the broker did not answer',
    })
  })

  it('keeps since when while it fails again within three minutes, with the latest error and record', () => {
    const first = nextEntry(undefined, failure(), NOW)
    const since = NOW + FAILING_MS - 1
    const next = nextEntry(first, failure({ since, offset: 57, error: new TypeError('no') }), since + 30_000)
    expect(next).toMatchObject({ failingSince: NOW, offset: 57, lastError: 'TypeError: no' })
  })

  it('begins anew where it had not failed for three minutes', () => {
    const first = nextEntry(undefined, failure(), NOW)
    const since = NOW + FAILING_MS
    expect(nextEntry(first, failure({ since }), since).failingSince).toBe(since)
  })

  it('is over three minutes after the last failure, and no sooner', () => {
    const entry = nextEntry(undefined, failure(), NOW)
    expect(isFailing(entry, NOW + FAILING_MS - 1)).toBe(true)
    expect(isFailing(entry, NOW + FAILING_MS)).toBe(false)
  })

  it('never begins after its last failure, nor later than it did before while it goes on', () => {
    const minutes = fc.integer({ min: 0, max: 10 * 60_000 })
    fc.assert(
      fc.property(fc.array(fc.tuple(minutes, fc.integer({ min: 0, max: 60_000 })), { minLength: 1 }), times => {
        let now = NOW
        let entry: ReturnType<typeof nextEntry> | undefined
        for (const [pause, lasted] of times) {
          const before = entry
          const since = now + pause
          now = since + lasted
          entry = nextEntry(before, failure({ since }), now)
          expect(entry.failingSince).toBeLessThanOrEqual(entry.lastFailedAt)
          expect(isFailing(entry, now)).toBe(true)
          if (before) expect(entry.failingSince).toBe(isFailing(before, since) ? before.failingSince : since)
        }
      }),
    )
  })

  it('is read back as it was written, expires a week after its last failure, and in another form is none', () => {
    const entry = nextEntry(undefined, failure(), NOW)
    const { ref, item } = rowOf(entry)
    expect(ref).toEqual({ table: 'consumers', key: { consumer: 'payment', place: 'payments-commands-2' } })
    expect(entryOf(item)).toEqual(entry)
    expect(item['expiresAt']).toBe(NOW / 1000 + 7 * 24 * 3600)
    expect(entryOf({ ...item, offset: 'many' })).toBeUndefined()
    expect(entryOf(undefined)).toBeUndefined()
  })
})

describe('its error', () => {
  const textOf = (error: unknown) => nextEntry(undefined, failure({ error }), NOW).lastError

  it('tells nothing that looks like a secret, wherever it is cut', () => {
    for (const spaces of [0, 980, 990, 995])
      expect(textOf(new Error(`${'x'.repeat(spaces)} tok_visa_1234567890`))).not.toContain('tok_')
    expect(textOf(new Error('Bearer abc.def'))).toBe(`Error: ${LEFT_OUT}`)
  })

  it('is text of at most 1,000 characters, whatever was thrown', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.string({ unit: 'binary', maxLength: 3000 }).map(s => new Error(s)),
        ),
        error => {
          const text = textOf(error)
          expect(text.length).toBeLessThanOrEqual(1000)
          expect(text.isWellFormed()).toBe(true)
          expect(text).not.toBe('')
        },
      ),
    )
  })
})
