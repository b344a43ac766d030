/** Programs about what a service handles and publishes. Each must fail between its heading and the next, and say so. */
import { aggregate, publish } from '#engine/model/aggregate-builder.ts'
import type { Decision, OutgoingMessage } from '#engine/model/aggregate.ts'
import { choreography } from '#engine/choreography/choreography.ts'
import * as payments from '../../../lambdas/services/payment/contract.ts'
import * as policies from '../../../lambdas/services/policy/contract.ts'
import * as products from '../../../lambdas/services/product/contract.ts'
import * as quotes from '../../../lambdas/services/quote/contract.ts'

interface Thing {
  readonly status: 'A'
}
interface Provider {
  charge(request: { key: string }): Promise<{ ok: boolean }>
}
const begin = () => aggregate<Thing>('thing', { table: { name: 'things', partition: 'orderId' } })
const commit = { kind: 'commit', state: { status: 'A' } } as const
const charge = { kind: 'call', call: { name: 'charge', request: { key: 'k' } } } as const

// # a typo in a published body
// ! 'refounded' does not exist
publish(payments.PaymentVoidedEvent, { refounded: true })

// # a field of a published body that is missing
// ! Property 'reason' is missing
publish(payments.PaymentFailedEvent, {})

// # a published value that the contract does not know
// ! Type '"NO_IDEA"' is not assignable to type
publish(products.ProductReserveFailedEvent, { reason: 'NO_IDEA' })

// # a published value of another type
// ! Type 'string' is not assignable to type 'boolean'
publish(payments.PaymentVoidedEvent, { refunded: 'true' })

// # a published field too many
// ! 'by' does not exist
publish(payments.PaymentVoidedEvent, { refunded: true, by: 'me' })

// # a message that is not listed
// ! "PaymentVoidedEvent"
begin().handles(products.ProductReserveCancelCommand, {
  publishes: [products.ProductReserveCancelledEvent],
  decide: () => ({ ...commit, publish: [publish(payments.PaymentVoidedEvent, { refunded: true })] }),
})

// # a message that is not listed, in an answer
// ! "PaymentVoidedEvent"
begin().handles(products.ProductReserveCancelCommand, {
  publishes: [products.ProductReserveCancelledEvent],
  decide: () => ({ kind: 'answer', publish: [publish(payments.PaymentVoidedEvent, { refunded: true })] }),
})

// # a helper that publishes what its type does not say
// ! "PaymentVoidedEvent"
const helper = (): Decision<Thing, 'PaymentFailedEvent'> => ({
  ...commit,
  publish: [publish(payments.PaymentVoidedEvent, { refunded: true })],
})
void helper

// # a message that goes by another's name
// ! "PaymentVoidedEvent"
const failed: OutgoingMessage<'PaymentFailedEvent'> = publish(payments.PaymentVoidedEvent, { refunded: true })
void failed

// # a reply of the command that can never be given
// ! PaymentProcessCommand is owed the reply PaymentFailedEvent: list it in publishes
begin().handles(payments.PaymentProcessCommand, {
  publishes: [payments.PaymentProcessSuccessfulEvent],
  decide: () => commit,
})

// # a command that is answered with nothing
// ! PaymentVoidCommand is owed the reply PaymentVoidedEvent: list it in publishes
begin().handles(payments.PaymentVoidCommand, { publishes: [], decide: () => commit })

// # a message that is handled twice
// ! QuoteApproved is handled already: make it one handler
begin()
  .handles(quotes.QuoteApproved, { publishes: [], decide: () => commit })
  .handles(quotes.QuoteApproved, { publishes: [], decide: () => commit })

// # a field that the handled message does not have
// ! Property 'premiun' does not exist
begin().handles(quotes.QuoteApproved, {
  publishes: [],
  decide: (_, { body }) => ({ kind: 'ignore', why: String(body.premiun) }),
})

// # a field that the handled message does not have, in what is read with it
// ! Property 'customer' does not exist
begin().handles(quotes.QuoteApproved, {
  publishes: [],
  reads: ({ body }) => [{ table: 'customers', key: { customerId: body.customer } }],
  decide: () => commit,
})

// # a state that is none
// ! Type '"B"' is not assignable to type '"A"'
begin().handles(quotes.QuoteApproved, { publishes: [], decide: () => ({ kind: 'commit', state: { status: 'B' } }) })

// # a call that the provider does not have
// ! Type '"refund"' is not assignable to type '"charge"'
begin()
  .calling<Provider>()
  .handles(quotes.QuoteApproved, {
    publishes: [],
    decide: () => ({ kind: 'call', call: { name: 'refund', request: { key: 'k' } } }),
    answered: { charge: () => commit },
  })

// # a call with a wrong request
// ! 'kee' does not exist
begin()
  .calling<Provider>()
  .handles(quotes.QuoteApproved, {
    publishes: [],
    decide: () => ({ kind: 'call', call: { name: 'charge', request: { kee: 'k' } } }),
    answered: { charge: () => commit },
  })

// # a field that the outcome of a call does not have
// ! Property 'okay' does not exist
begin()
  .calling<Provider>()
  .handles(quotes.QuoteApproved, {
    publishes: [],
    decide: () => charge,
    answered: { charge: (_, outcome) => ({ kind: 'ignore', why: String(outcome.okay) }) },
  })

// # a call whose outcome nothing follows from
// ! is not assignable to type 'never'
begin()
  .calling<Provider>()
  .handles(quotes.QuoteApproved, { publishes: [], decide: () => charge })

// # a call where none may be made
// ! is not assignable to type 'never'
begin().handles(quotes.QuoteApproved, { publishes: [], decide: () => charge })

// # a choreography in which nobody handles what is published
// ! PolicyCreated is published, but nobody handles it
choreography(
  'x',
  { startsWith: quotes.QuoteApproved, endsWith: [] },
  {
    policy: begin()
      .handles(quotes.QuoteApproved, { publishes: [policies.PolicyCreated], decide: () => commit })
      .build(),
  },
)
