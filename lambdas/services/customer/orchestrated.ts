import type { Aggregate, Heard } from '#shared/aggregate.ts'
import type { Body } from '#shared/messaging/contract.ts'
import * as c from './contract.ts'
import { type Asked, customerOf, type CustomerUpdate, customerUpdates, revert, update } from './rules.ts'

/** The customer's count as its orchestrator asks for it. */
export const orchestratedCustomer: Aggregate<CustomerUpdate> = {
  ...customerUpdates,
  hears: [c.UpdateCustomerPolicyCount, c.RevertCustomerPolicyCount],
  says: [c.CustomerPolicyCountUpdated, c.CustomerPolicyCountUpdateFailed, c.CustomerPolicyCountReverted],
  reads: ({ body }) => customerOf(body as unknown as Asked),
  decide: (state, heard, seen) =>
    heard.type === c.UpdateCustomerPolicyCount.type
      ? update(state, heard as unknown as Heard<Body<typeof c.UpdateCustomerPolicyCount>>, seen)
      : revert(state, heard as unknown as Heard<Body<typeof c.RevertCustomerPolicyCount>>, seen),
}
