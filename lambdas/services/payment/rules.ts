/**
 * Takes the money for an order once, and gives it back. The intention is committed before the provider is called, under
 * a key that comes from the saga, so that a crash anywhere repeats a call and never a charge. Pure.
 */
import { aggregate, publish } from '#engine/model/aggregate-builder.ts'
import type { Call, Decision, Message, OutgoingMessage } from '#engine/model/aggregate.ts'
import type { Body } from '#engine/model/messages.ts'
import * as c from './contract.ts'
import type {
  CancelOutcome,
  CancelRequest,
  ChargeOutcome,
  ChargeRequest,
  RefundOutcome,
  RefundRequest,
} from './provider.ts'
import { paymentsTable } from './tables.ts'

/**
 * INTENT: the provider is being asked. CAPTURED, DECLINED: it answered. VOIDED: nothing is held, and nothing ever will be
 * (also a void that came before its charge). REFUNDING: captured, and being given back. REFUNDED: given back.
 */
export interface Payment {
  readonly status: 'INTENT' | 'CAPTURED' | 'DECLINED' | 'VOIDED' | 'REFUNDING' | 'REFUNDED'
  readonly amount?: number
  readonly currency?: string
  /** The payer's token, kept only until the provider has answered. */
  readonly paymentMethod?: string
  readonly paymentId?: string
}

/** What the provider is asked, and the shapes of its answers by the call's name. */
export interface PaymentCalls {
  charge(request: ChargeRequest): Promise<ChargeOutcome>
  cancel(request: CancelRequest): Promise<CancelOutcome>
  refund(request: RefundRequest): Promise<RefundOutcome>
}

export const payment = aggregate<Payment>('payment', { table: paymentsTable })
  .calling<PaymentCalls>()
  .handles(c.PaymentProcessCommand, {
    publishes: [c.PaymentProcessSuccessfulEvent, c.PaymentFailedEvent],
    decide: process,
    answered: { charge: charged, refund: state => refunded(state, failed('CANCELLED')) },
  })
  .handles(c.PaymentVoidCommand, {
    publishes: [c.PaymentVoidedEvent],
    decide: giveBack,
    answered: { cancel: cancelled, refund: state => refunded(state, voided(true)) },
  })
  .republishes(c.PaymentProcessSuccessfulEvent, ({ paymentId }) =>
    paymentId === undefined ? undefined : successful(paymentId),
  )
  .republishes(c.PaymentFailedEvent, failedOrNot)
  .republishes(c.PaymentVoidedEvent, ({ status }) => voided(status === 'REFUNDED'))
  .build()

type Charged = typeof c.PaymentProcessSuccessfulEvent.type | typeof c.PaymentFailedEvent.type
type Voided = typeof c.PaymentVoidedEvent.type
type Charge = Call<ChargeRequest, 'charge'>
type Cancel = Call<CancelRequest, 'cancel'>
type Refund = Call<RefundRequest, 'refund'>
/** What a key is made of. */
type OfSaga = Pick<Message, 'sagaId'>

function process(
  state: Payment | undefined,
  message: Message<Body<typeof c.PaymentProcessCommand>>,
): Decision<Payment, Charged, Charge | Refund> {
  const { amount, currency, paymentMethod } = message.body
  switch (state?.status) {
    case undefined: {
      const intent: Payment = { status: 'INTENT', amount, currency, paymentMethod }
      return { kind: 'commit', state: intent, call: charge(intent, message) }
    }
    case 'INTENT':
      return { kind: 'call', call: charge(state, message) }
    case 'CAPTURED':
      return { kind: 'answer', publish: [successful(state.paymentId)] }
    case 'DECLINED':
      return { kind: 'answer', publish: [failed('CARD_DECLINED')] }
    // Answered once it is given back: the answer's id is that of the state that it tells of.
    case 'REFUNDING':
      return { kind: 'call', call: refund(message) }
    case 'VOIDED':
    case 'REFUNDED':
      return { kind: 'answer', publish: [failed('CANCELLED')] }
  }
}

function charged(state: Payment, answer: ChargeOutcome): Decision<Payment, Charged, Charge | Refund> {
  const { paymentMethod: _, ...settled } = state
  switch (answer.outcome) {
    case 'captured':
      return {
        kind: 'commit',
        state: { ...settled, status: 'CAPTURED', paymentId: answer.paymentId },
        publish: [successful(answer.paymentId)],
      }
    case 'declined':
      return { kind: 'commit', state: { ...settled, status: 'DECLINED' }, publish: [failed('CARD_DECLINED')] }
    case 'cancelled':
      return { kind: 'commit', state: { ...settled, status: 'VOIDED' }, publish: [failed('CANCELLED')] }
    case 'refunded':
      return {
        kind: 'commit',
        state: { ...settled, status: 'REFUNDED', paymentId: answer.paymentId },
        publish: [failed('CANCELLED')],
      }
    case 'unknown':
      return { kind: 'ignore', why: 'the provider did not answer: the deadline of the step settles it' }
  }
}

/** Never trusts a look-up that says "none": only the provider's cancel is final (rule 5). */
function giveBack(state: Payment | undefined, message: OfSaga): Decision<Payment, Voided, Cancel | Refund> {
  switch (state?.status) {
    case undefined:
      return { kind: 'commit', state: { status: 'VOIDED' }, publish: [voided(false)] }
    case 'INTENT':
      return { kind: 'call', call: cancel(state, message) }
    case 'CAPTURED': {
      const refunding: Payment = { ...state, status: 'REFUNDING' }
      return { kind: 'commit', state: refunding, call: refund(message) }
    }
    case 'REFUNDING':
      return { kind: 'call', call: refund(message) }
    case 'DECLINED':
    case 'VOIDED':
      return { kind: 'answer', publish: [voided(false)] }
    case 'REFUNDED':
      return { kind: 'answer', publish: [voided(true)] }
  }
}

function cancelled(state: Payment, answer: CancelOutcome, message: OfSaga): Decision<Payment, Voided, Cancel | Refund> {
  const { paymentMethod: _, ...settled } = state
  switch (answer.outcome) {
    case 'captured':
      return {
        kind: 'commit',
        state: { ...settled, status: 'REFUNDING', paymentId: answer.paymentId },
        call: refund(message),
      }
    case 'refunded':
      return {
        kind: 'commit',
        state: { ...settled, status: 'REFUNDED', paymentId: answer.paymentId },
        publish: [voided(true)],
      }
    case 'cancelled':
      return { kind: 'commit', state: { ...settled, status: 'VOIDED' }, publish: [voided(false)] }
    case 'declined':
      return { kind: 'commit', state: { ...settled, status: 'DECLINED' }, publish: [voided(false)] }
  }
}

/** Whatever the provider says, nothing is held any more: given back now, before, or never taken. */
const refunded = <Type extends string>(
  state: Payment,
  reply: OutgoingMessage<Type>,
): Decision<Payment, Type, never> => ({
  kind: 'commit',
  state: { ...state, status: 'REFUNDED' },
  publish: [reply],
})

const charge = (intent: Payment, { sagaId }: OfSaga): Charge => ({
  name: 'charge',
  request: {
    key: keyOf(sagaId),
    orderId: sagaId,
    amount: intent.amount ?? 0,
    currency: intent.currency ?? '',
    paymentMethod: intent.paymentMethod ?? '',
  },
})
const cancel = (intent: Payment, { sagaId }: OfSaga): Cancel => ({
  name: 'cancel',
  request: { key: keyOf(sagaId), orderId: sagaId, amount: intent.amount ?? 0, currency: intent.currency ?? '' },
})
const refund = ({ sagaId }: OfSaga): Refund => ({
  name: 'refund',
  request: { key: keyOf(sagaId), refundKey: `refund-${sagaId}` },
})

/** What a charge has come to that was said to have failed. */
function failedOrNot({ status, paymentId }: Payment): OutgoingMessage<Charged> | undefined {
  switch (status) {
    case 'CAPTURED':
      return successful(paymentId)
    case 'DECLINED':
      return failed('CARD_DECLINED')
    case 'VOIDED':
    case 'REFUNDED':
      return failed('CANCELLED')
    case 'INTENT':
    case 'REFUNDING':
      return undefined
  }
}

/** One charge an order: the key is the saga's. */
const keyOf = (orderId: string) => `order-${orderId}`

const successful = (paymentId: string | undefined) =>
  publish(c.PaymentProcessSuccessfulEvent, { paymentId: paymentId ?? '' })
const failed = (reason: 'CARD_DECLINED' | 'CANCELLED') => publish(c.PaymentFailedEvent, { reason })
const voided = (wasRefunded: boolean) => publish(c.PaymentVoidedEvent, { refunded: wasRefunded })
