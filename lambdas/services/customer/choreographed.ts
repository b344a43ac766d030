import { reactions } from '#engine/choreography/choreography.ts'
import * as policies from '../policy/contract.ts'
import * as quotes from '../quote/contract.ts'
import * as c from './contract.ts'
import {
  type Asked,
  countQuote,
  customerOf,
  type CustomerUpdate,
  customerUpdates,
  revert,
  takeBackRejected,
  update,
} from './rules.ts'

/** The customer's count without an orchestrator: a policy counts when it is issued, and no more once its quote is rejected. */
export const customerReactions = reactions<CustomerUpdate>('customer', {
  ...customerUpdates,
  reads: ({ type, body }) => (type === quotes.QuoteRejected.type ? [] : customerOf(body as unknown as Asked)),
})
  .on(policies.PolicyCreated, {
    publishes: [c.CustomerPolicyCountUpdated, c.CustomerPolicyCountUpdateFailed],
    decide: countQuote,
  })
  .on(quotes.QuoteRejected, { decide: takeBackRejected })
  .on(c.UpdateCustomerPolicyCount, {
    publishes: [c.CustomerPolicyCountUpdated, c.CustomerPolicyCountUpdateFailed],
    decide: update,
  })
  .on(c.RevertCustomerPolicyCount, { publishes: [c.CustomerPolicyCountReverted], decide: revert })
