import type { Decision, Message, OutgoingMessage } from '#engine/model/aggregate.ts'
import { reactions } from '#engine/choreography/choreography.ts'
import type { Body } from '#engine/model/messages.ts'
import * as customers from '../customer/contract.ts'
import * as quotes from '../quote/contract.ts'
import * as c from './contract.ts'
import {
  cancel,
  cancelledOf,
  countOf,
  create,
  type Policy,
  type PolicySettings,
  replyOf,
  type Wanted,
} from './rules.ts'
import { policiesTable } from './tables.ts'

/** The policy without an orchestrator: issued when a quote is approved, cancelled when its count failed or its quote was rejected. */
export const policyReactions = (settings: PolicySettings) =>
  reactions<Policy>('policy', {
    type: 'policy',
    table: policiesTable,
    reads: ({ type, body }) =>
      type === quotes.QuoteApproved.type || type === c.CreatePolicy.type ? countOf(body as Wanted) : [],
  })
    .on(quotes.QuoteApproved, {
      publishes: [c.PolicyCreated, quotes.QuoteRejected, c.PolicyCancelled],
      decide: (state, message, context) => create(state, message, context, { ...settings, answerOf: publishedOf }),
    })
    .on(customers.CustomerPolicyCountUpdateFailed, {
      publishes: [c.PolicyCancelled],
      decide: (state, message) =>
        message.body.quoteID === undefined
          ? { kind: 'ignore', why: 'it belongs to no quote' }
          : cancel(state, message, { reason: 'Customer update failed' }),
    })
    .on(quotes.QuoteRejected, { publishes: [c.PolicyCancelled], decide: rejected })
    .on(c.CreatePolicy, {
      publishes: [c.PolicyCreated, c.PolicyCreationFailed],
      decide: (state, message, context) => create(state, message, context, settings),
    })
    .on(c.CancelPolicy, {
      publishes: [c.PolicyCancelled],
      decide: (state, message) => cancel(state, message, message.body),
    })

/** What follows from an approval: a policy; or a claim, as only the quote decides. */
const publishedOf = (policy: Policy, quoteID: string): OutgoingMessage =>
  policy.status === 'REFUSED'
    ? { message: quotes.QuoteRejected, body: { quoteID, reason: 'Policy creation failed' } }
    : policy.status === 'CANCELLED'
      ? cancelledOf(policy, quoteID)
      : replyOf(policy, quoteID)

/** The quote decided: there is no policy, and there will be none. That is not answered, or it would echo. */
function rejected(state: Policy | undefined, message: Message<Body<typeof quotes.QuoteRejected>>): Decision<Policy> {
  const { version, reason } = message.body
  if (version === undefined) return { kind: 'ignore', why: 'a claim: the quote decides' }
  if (state?.status === 'CANCELLED' || state?.status === 'REFUSED')
    return { kind: 'ignore', why: `the policy is ${state.status}` }
  return cancel(state, message, { reason })
}
