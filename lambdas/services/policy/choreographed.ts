import { publish } from '#engine/model/aggregate-builder.ts'
import type { Decision, Message } from '#engine/model/aggregate.ts'
import type { Body } from '#engine/model/messages.ts'
import * as customers from '../customer/contract.ts'
import * as quotes from '../quote/contract.ts'
import * as c from './contract.ts'
import { policyCommands } from './orchestrated.ts'
import { cancel, cancelledOf, createdOf, countOf, create, type Policy, type PolicySettings } from './rules.ts'

/** The policy without an orchestrator: issued when a quote is approved, cancelled when its count failed or its quote was rejected. */
export const choreographedPolicy = (settings: PolicySettings) =>
  policyCommands(settings)
    .handles(quotes.QuoteApproved, {
      publishes: [c.PolicyCreated, quotes.QuoteRejected, c.PolicyCancelled],
      reads: ({ body }) => countOf(body),
      decide: (state, message, context) => create(state, message, context, { ...settings, answerOf: publishedOf }),
    })
    .handles(customers.CustomerPolicyCountUpdateFailed, {
      publishes: [c.PolicyCancelled],
      decide: (state, message) =>
        message.body.quoteID === undefined
          ? { kind: 'ignore', why: 'it belongs to no quote' }
          : cancel(state, message, { reason: 'Customer update failed' }),
    })
    .handles(quotes.QuoteRejected, { publishes: [c.PolicyCancelled], decide: rejected })
    .build()

/** What follows from an approval: a policy; or a claim, as only the quote decides. */
function publishedOf(policy: Policy, quoteID: string) {
  if (policy.status === 'REFUSED') return publish(quotes.QuoteRejected, { quoteID, reason: 'Policy creation failed' })
  return policy.status === 'CANCELLED' ? cancelledOf(policy, quoteID) : createdOf(policy, quoteID)
}

/** The quote decided: there is no policy, and there will be none. That is not answered, or it would echo. */
function rejected(
  state: Policy | undefined,
  message: Message<Body<typeof quotes.QuoteRejected>>,
): Decision<Policy, typeof c.PolicyCancelled.type> {
  const { version, reason } = message.body
  if (version === undefined) return { kind: 'ignore', why: 'a claim: the quote decides' }
  if (state?.status === 'CANCELLED' || state?.status === 'REFUSED')
    return { kind: 'ignore', why: `the policy is ${state.status}` }
  return cancel(state, message, { reason })
}
