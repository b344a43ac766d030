import { nothing, saga } from '#engine/saga/builder.ts'
import { minutes } from '#engine/saga/durations.ts'
import * as customers from '../../services/customer/contract.ts'
import * as policies from '../../services/policy/contract.ts'
import * as quotes from '../../services/quote/contract.ts'

/** Issues the policy, counts it for the customer, completes the quote; or takes all of it back and rejects it. */
export const quotingSaga = saga('quoting', {
  version: 1,
  startsWith: quotes.QuoteApproved,
  // A policy that was issued elsewhere is counted all the same.
  joins: { with: policies.PolicyCreated, at: 'count-policy' },
  deadline: minutes(15),
})
  .step('create-policy', policies.CreatePolicy, {
    send: quote => ({ premium: quote.premium, customerId: quote.customerId }),
    done: { PolicyCreated: reply => ({ policyID: reply.policyID, policyCount: reply.policyCount }) },
    refused: { PolicyCreationFailed: () => 'Policy creation failed' },
  })
  .undo(policies.CancelPolicy, {
    send: quote => ({ reason: quote.abortedBecause }),
    // The refusal may be another's: whatever policy there is goes once the quote is rejected.
    evenIfRefused: 'after the abort',
  })
  .step('count-policy', customers.UpdateCustomerPolicyCount, {
    send: quote => ({ customerId: quote.customerId, policyCount: quote.policyCount }),
    done: { CustomerPolicyCountUpdated: nothing },
    refused: { CustomerPolicyCountUpdateFailed: () => 'Customer update failed' },
  })
  .undo(customers.RevertCustomerPolicyCount, {
    send: quote => ({ customerId: quote.customerId, reason: quote.abortedBecause }),
  })
  // The quote is the arbiter: asked until it answers, as only it knows whether it was rejected meanwhile.
  .pivot('complete-quote', quotes.CompleteQuote, {
    send: quote => ({ policyID: quote.policyID, customerId: quote.customerId }),
    done: { QuoteCompleted: nothing },
    refused: { QuoteRejected: reply => reply.reason },
  })
  .onAbort('reject-quote', quotes.RejectQuote, { send: quote => ({ reason: quote.abortedBecause }) })
  .build()
