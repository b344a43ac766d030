import type { Aggregate, Heard } from '#shared/aggregate.ts'
import type { Body } from '#shared/messaging/contract.ts'
import * as c from './contract.ts'
import { cancel, countOf, create, type Policy, type PolicySettings, type Wanted } from './rules.ts'
import { policiesTable } from './tables.ts'

/** The policy as its orchestrator asks for it. */
export const orchestratedPolicy = (settings: PolicySettings): Aggregate<Policy> => ({
  type: 'policy',
  table: policiesTable,
  hears: [c.CreatePolicy, c.CancelPolicy],
  says: [c.PolicyCreated, c.PolicyCreationFailed, c.PolicyCancelled],
  reads: heard => (heard.type === c.CreatePolicy.type ? countOf(heard.body as Wanted) : []),
  decide: (state, heard, seen) =>
    heard.type === c.CreatePolicy.type
      ? create(state, heard as Heard<Wanted>, seen, settings)
      : cancel(state, heard, heard.body as Body<typeof c.CancelPolicy>),
})
