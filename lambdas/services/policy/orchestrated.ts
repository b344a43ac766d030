import type { Aggregate, Message } from '#engine/model/aggregate.ts'
import type { Body } from '#engine/model/messages.ts'
import * as c from './contract.ts'
import { cancel, countOf, create, type Policy, type PolicySettings, type Wanted } from './rules.ts'
import { policiesTable } from './tables.ts'

/** The policy as its orchestrator asks for it. */
export const orchestratedPolicy = (settings: PolicySettings): Aggregate<Policy> => ({
  type: 'policy',
  table: policiesTable,
  handles: [c.CreatePolicy, c.CancelPolicy],
  publishes: [c.PolicyCreated, c.PolicyCreationFailed, c.PolicyCancelled],
  reads: message => (message.type === c.CreatePolicy.type ? countOf(message.body as Wanted) : []),
  decide: (state, message, context) =>
    message.type === c.CreatePolicy.type
      ? create(state, message as Message<Wanted>, context, settings)
      : cancel(state, message, message.body as Body<typeof c.CancelPolicy>),
})
