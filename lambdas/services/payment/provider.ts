/**
 * The payment provider as the payment service needs it. Every call is idempotent by `key`, which comes from the saga, so
 * repeating one is always safe. Adapters: `http-provider.ts`, and a memory one for simulation (`test/support`).
 */
export interface PaymentProvider {
  /**
   * Takes the money, once per key. `unknown`: it was asked, did not answer within 3 s, and a look-up did not tell; the
   * charge may still land. Throws RetryableError if it is certain that nothing was charged (away, 503, 429), and
   * PoisonMessageError if the provider will never take this request (the key was used with another amount).
   */
  charge(request: ChargeRequest): Promise<ChargeOutcome>
  /**
   * Final: a charge under that key that is in flight or comes later is refused. If the charge was first, the answer says
   * what became of it (`captured`: refund it). Throws RetryableError while there is no answer.
   */
  cancel(request: CancelRequest): Promise<CancelOutcome>
  /** Gives back all that was captured under `key`, once. Throws RetryableError while there is no answer. */
  refund(request: RefundRequest): Promise<RefundOutcome>
  /** What is known under that key now. `none` proves nothing: a charge may be in flight (rule 5). Throws RetryableError while there is no answer. */
  find(request: { readonly key: string }): Promise<FindOutcome>
}

export interface ChargeRequest {
  /** Idempotency key, at most 255 characters. */
  readonly key: string
  readonly orderId: string
  /** Minor units, an integer above or equal to 0. */
  readonly amount: number
  /** ISO 4217: `EUR`. */
  readonly currency: string
  /** The payer's token. Never logged. */
  readonly paymentMethod: string
}

/** What the charge under `key` was to be: the provider's ledger names it even if no charge ever came. */
export type CancelRequest = Omit<ChargeRequest, 'paymentMethod'>

export interface RefundRequest {
  /** The charge's key. */
  readonly key: string
  /** The refund's own idempotency key. */
  readonly refundKey: string
}

interface Captured {
  readonly outcome: 'captured'
  readonly paymentId: string
}
interface Declined {
  readonly outcome: 'declined'
}
interface Cancelled {
  readonly outcome: 'cancelled'
}
/** It was captured, and everything was given back. */
interface Refunded {
  readonly outcome: 'refunded'
  readonly paymentId: string
}
/** Nothing is known under that key. */
interface None {
  readonly outcome: 'none'
}
interface Unknown {
  readonly outcome: 'unknown'
}

export type ChargeOutcome = Captured | Declined | Cancelled | Refunded | Unknown
export type CancelOutcome = Cancelled | Captured | Declined | Refunded
/** `none`: there is nothing to give back under that key (never charged, declined or cancelled). */
export type RefundOutcome = Refunded | None
export type FindOutcome = Captured | Declined | Cancelled | Refunded | None
