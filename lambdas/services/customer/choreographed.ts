import { aggregate } from '#engine/model/aggregate-builder.ts'
import * as policies from '../policy/contract.ts'
import * as quotes from '../quote/contract.ts'
import * as c from './contract.ts'
import {
  answeredAgain,
  countQuote,
  customerOf,
  type CustomerUpdate,
  customerUpdates,
  revert,
  revertedAgain,
  takeBackRejected,
  update,
} from './rules.ts'

/** The customer's count without an orchestrator: a policy counts when it is issued, and no more once its quote is rejected. */
export const choreographedCustomer = aggregate<CustomerUpdate>('customer-update', customerUpdates)
  .handles(policies.PolicyCreated, {
    publishes: [c.CustomerPolicyCountUpdated, c.CustomerPolicyCountUpdateFailed],
    reads: ({ body }) => customerOf(body),
    decide: countQuote,
  })
  .handles(quotes.QuoteRejected, { publishes: [], decide: takeBackRejected })
  .handles(c.UpdateCustomerPolicyCount, {
    publishes: [c.CustomerPolicyCountUpdated, c.CustomerPolicyCountUpdateFailed],
    reads: ({ body }) => customerOf(body),
    decide: update,
  })
  .handles(c.RevertCustomerPolicyCount, {
    publishes: [c.CustomerPolicyCountReverted],
    reads: ({ body }) => customerOf(body),
    decide: revert,
  })
  .republishes(c.CustomerPolicyCountUpdated, answeredAgain)
  .republishes(c.CustomerPolicyCountUpdateFailed, answeredAgain)
  .republishes(c.CustomerPolicyCountReverted, revertedAgain)
  .build()
