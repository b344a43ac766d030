import type { Aggregate, Message } from '#engine/model/aggregate.ts'
import type { Body } from '#engine/model/messages.ts'
import * as c from './contract.ts'
import { type Asked, customerOf, type CustomerUpdate, customerUpdates, revert, update } from './rules.ts'

/** The customer's count as its orchestrator asks for it. */
export const orchestratedCustomer: Aggregate<CustomerUpdate> = {
  ...customerUpdates,
  handles: [c.UpdateCustomerPolicyCount, c.RevertCustomerPolicyCount],
  publishes: [c.CustomerPolicyCountUpdated, c.CustomerPolicyCountUpdateFailed, c.CustomerPolicyCountReverted],
  reads: ({ body }) => customerOf(body as unknown as Asked),
  decide: (state, message, context) =>
    message.type === c.UpdateCustomerPolicyCount.type
      ? update(state, message as unknown as Message<Body<typeof c.UpdateCustomerPolicyCount>>, context)
      : revert(state, message as unknown as Message<Body<typeof c.RevertCustomerPolicyCount>>, context),
}
