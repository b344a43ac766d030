import { createHash } from 'node:crypto'

/** What this provider is asked for; services that call it have words of their own for that. */
export interface CancelRequest {
  /** Idempotency key. */
  readonly key: string
  readonly orderId: string
  /** Minor units. */
  readonly amount: number
  readonly currency: string
}
export interface ChargeRequest extends CancelRequest {
  /** The payer's token. */
  readonly paymentMethod: string
}
export interface RefundRequest {
  /** The charge's key. */
  readonly key: string
  readonly refundKey: string
}

export type ChargeStatus = 'CAPTURED' | 'DECLINED' | 'CANCELLED' | 'REFUNDED'

/** One line of the ledger: what has become of one idempotency key. Later lines of a key replace earlier ones. */
export interface LedgerEntry {
  readonly key: string
  readonly orderId: string
  readonly amount: number
  readonly currency: string
  readonly status: ChargeStatus
  readonly paymentId?: string
  readonly refundKey?: string
}

export type BookAnswer =
  | { readonly kind: 'entry'; readonly entry: LedgerEntry }
  /** It was done, but nobody is told: `tok_timeout`. */
  | { readonly kind: 'silence'; readonly entry: LedgerEntry }
  | { readonly kind: 'none' }
  /** Nothing was done, come back: `tok_unavailable`. */
  | { readonly kind: 'unavailable' }
  /** The key was used with another amount or currency. */
  | { readonly kind: 'mismatch' }

export interface Book {
  charge(request: ChargeRequest): BookAnswer
  cancel(request: CancelRequest): BookAnswer
  refund(request: RefundRequest): BookAnswer
  find(key: string): BookAnswer
  /** The present entry of each key, oldest key first. */
  entries(): LedgerEntry[]
}

/** How often `tok_unavailable` is answered 503 before it is charged, counted for each key since the start. */
const REFUSALS_OF_UNAVAILABLE = 2

/**
 * What the sandbox provider decides: the HTTP server and the memory provider both ask it. No clock, no randomness.
 * `record` is called with each new entry before the answer is given; what it throws is thrown on, with nothing changed.
 */
export function createBook(
  earlier: readonly LedgerEntry[] = [],
  record: (entry: LedgerEntry) => void = () => {},
): Book {
  const entries = new Map(earlier.map(entry => [entry.key, entry]))
  const refusals = new Map<string, number>()

  const enter = (entry: LedgerEntry): LedgerEntry => {
    record(entry)
    entries.set(entry.key, entry)
    return entry
  }

  const refuses = (key: string) => {
    const soFar = refusals.get(key) ?? 0
    refusals.set(key, soFar + 1)
    return soFar < REFUSALS_OF_UNAVAILABLE
  }

  return {
    charge({ key, orderId, amount, currency, paymentMethod }) {
      const known = entries.get(key)
      if (known?.status === 'CANCELLED') return { kind: 'entry', entry: known }
      if (known && (known.amount !== amount || known.currency !== currency)) return { kind: 'mismatch' }
      if (!known && paymentMethod === 'tok_unavailable' && refuses(key)) return { kind: 'unavailable' }
      const entry = known ?? enter({ key, orderId, amount, currency, ...outcomeOf(paymentMethod, key) })
      return { kind: paymentMethod === 'tok_timeout' ? 'silence' : 'entry', entry }
    },

    cancel({ key, orderId, amount, currency }) {
      const entry = entries.get(key) ?? enter({ key, orderId, amount, currency, status: 'CANCELLED' })
      return { kind: 'entry', entry }
    },

    refund({ key, refundKey }) {
      const known = entries.get(key)
      if (known?.status === 'REFUNDED') return { kind: 'entry', entry: known }
      if (known?.status !== 'CAPTURED') return { kind: 'none' }
      return { kind: 'entry', entry: enter({ ...known, status: 'REFUNDED', refundKey }) }
    },

    find(key) {
      const entry = entries.get(key)
      return entry ? { kind: 'entry', entry } : { kind: 'none' }
    },

    entries: () => [...entries.values()],
  }
}

const outcomeOf = (paymentMethod: string, key: string): Pick<LedgerEntry, 'status' | 'paymentId'> =>
  paymentMethod === 'tok_declined' ? { status: 'DECLINED' } : { status: 'CAPTURED', paymentId: paymentIdOf(key) }

const paymentIdOf = (key: string) => `pay_${createHash('sha256').update(key).digest('hex').slice(0, 20)}`
