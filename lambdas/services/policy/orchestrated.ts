import { aggregate } from '#engine/model/aggregate-builder.ts'
import * as c from './contract.ts'
import { cancel, countOf, create, type Policy, type PolicySettings, replyOf } from './rules.ts'
import { policiesTable } from './tables.ts'

/** The commands, which are handled in every wiring. */
export const policyCommands = (settings: PolicySettings) =>
  aggregate<Policy>('policy', { table: policiesTable })
    .handles(c.CreatePolicy, {
      publishes: [c.PolicyCreated, c.PolicyCreationFailed],
      reads: ({ body }) => countOf(body),
      decide: (state, message, context) => create(state, message, context, { ...settings, answerOf: replyOf }),
    })
    .handles(c.CancelPolicy, {
      publishes: [c.PolicyCancelled],
      decide: (state, message) => cancel(state, message, message.body),
    })

/** The policy as its orchestrator asks for it. */
export const orchestratedPolicy = (settings: PolicySettings) => policyCommands(settings).build()
