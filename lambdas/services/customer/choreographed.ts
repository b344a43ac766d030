import * as policies from '../policy/contract.ts'
import * as quotes from '../quote/contract.ts'
import * as c from './contract.ts'
import { customerCommands } from './orchestrated.ts'
import { countQuote, customerOf, takeBackRejected } from './rules.ts'

/** The customer's count without an orchestrator: a policy counts when it is issued, and no more once its quote is rejected. */
export const choreographedCustomer = customerCommands
  .handles(policies.PolicyCreated, {
    publishes: [c.CustomerPolicyCountUpdated, c.CustomerPolicyCountUpdateFailed],
    reads: ({ body }) => customerOf(body),
    decide: countQuote,
  })
  .handles(quotes.QuoteRejected, { publishes: [], decide: takeBackRejected })
  .build()
