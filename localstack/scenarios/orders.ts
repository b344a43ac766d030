import type { ChargeStatus } from '../sandbox/book.ts'

/** One order, what it must come to, and every message that it must cause. */
export interface Scenario {
  readonly name: string
  /** The products to make for it: their names are made unique for each run. */
  readonly products: Readonly<
    Record<string, { readonly amount: number; readonly currency: string; readonly stock: number }>
  >
  /** What is ordered, by product. A name that is not among the products is one that does not exist. */
  readonly lines: Readonly<Record<string, number>>
  readonly paymentMethod: string
  readonly ends: {
    readonly status: 'APPROVED' | 'REJECTED'
    readonly reason?: string
    /** What is left of each product. */
    readonly stock: Readonly<Record<string, number>>
    /** What the payment provider's ledger holds for it; undefined: it was never asked. */
    readonly charge?: { readonly status: ChargeStatus; readonly amount: number; readonly currency: string }
    /** The types that appear on the topics, without repetitions. */
    readonly messages: readonly string[]
  }
}

const coffee = { amount: 450, currency: 'EUR', stock: 10 }
const milk = { amount: 120, currency: 'EUR', stock: 10 }

const RESERVED = ['OrderCreatedEvent', 'ProductReserveCommand', 'ProductReserveConfirmationEvent']
const APPROVED = [
  ...RESERVED,
  'PaymentProcessCommand',
  'PaymentProcessSuccessfulEvent',
  'OrderApprovedCommand',
  'OrderApprovedEvent',
]
const GIVEN_BACK = ['ProductReserveCancelledEvent', 'OrderRejectCommand', 'OrderRejectedEvent']
const NOT_RESERVED = ['OrderCreatedEvent', 'ProductReserveCommand', 'ProductReserveFailedEvent', ...GIVEN_BACK]
const DECLINED = [
  ...RESERVED,
  'PaymentProcessCommand',
  'PaymentFailedEvent',
  'ProductReserveCancelCommand',
  ...GIVEN_BACK,
]

/** Every path of the order saga that a customer can bring about. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'two products, approved',
    products: { coffee, milk },
    lines: { coffee: 2, milk: 3 },
    paymentMethod: 'tok_visa',
    ends: {
      status: 'APPROVED',
      stock: { coffee: 8, milk: 7 },
      charge: { status: 'CAPTURED', amount: 1260, currency: 'EUR' },
      messages: APPROVED,
    },
  },
  {
    name: 'more than there is',
    products: { coffee, milk: { ...milk, stock: 1 } },
    lines: { coffee: 1, milk: 2 },
    paymentMethod: 'tok_visa',
    ends: { status: 'REJECTED', reason: 'OUT_OF_STOCK', stock: { coffee: 10, milk: 1 }, messages: NOT_RESERVED },
  },
  {
    name: 'a product that does not exist',
    products: { coffee },
    lines: { coffee: 1, unicorn: 1 },
    paymentMethod: 'tok_visa',
    ends: { status: 'REJECTED', reason: 'UNKNOWN_PRODUCT', stock: { coffee: 10 }, messages: NOT_RESERVED },
  },
  {
    name: 'two currencies in one order',
    products: { coffee, maple: { amount: 900, currency: 'CAD', stock: 5 } },
    lines: { coffee: 1, maple: 1 },
    paymentMethod: 'tok_visa',
    ends: { status: 'REJECTED', reason: 'MIXED_CURRENCY', stock: { coffee: 10, maple: 5 }, messages: NOT_RESERVED },
  },
  {
    name: 'card declined, stock given back',
    products: { coffee },
    lines: { coffee: 4 },
    paymentMethod: 'tok_declined',
    ends: {
      status: 'REJECTED',
      reason: 'CARD_DECLINED',
      stock: { coffee: 10 },
      charge: { status: 'DECLINED', amount: 1800, currency: 'EUR' },
      messages: DECLINED,
    },
  },
  {
    name: 'payment provider never answers, found by look-up',
    products: { coffee },
    lines: { coffee: 1 },
    paymentMethod: 'tok_timeout',
    ends: {
      status: 'APPROVED',
      stock: { coffee: 9 },
      charge: { status: 'CAPTURED', amount: 450, currency: 'EUR' },
      messages: APPROVED,
    },
  },
  {
    name: 'payment provider away for a moment',
    products: { coffee },
    lines: { coffee: 1 },
    paymentMethod: 'tok_unavailable',
    ends: {
      status: 'APPROVED',
      stock: { coffee: 9 },
      charge: { status: 'CAPTURED', amount: 450, currency: 'EUR' },
      messages: APPROVED,
    },
  },
]
