import { aggregate } from '#engine/model/aggregate-builder.ts'
import * as c from './contract.ts'
import {
  answeredAgain,
  customerOf,
  type CustomerUpdate,
  customerUpdates,
  revert,
  revertedAgain,
  update,
} from './rules.ts'

/** The commands, which are handled in every wiring. */
export const customerCommands = aggregate<CustomerUpdate>('customer-update', customerUpdates)
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

/** The customer's count as its orchestrator asks for it. */
export const orchestratedCustomer = customerCommands.build()
