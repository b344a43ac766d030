import { aggregate } from '#engine/model/aggregate-builder.ts'
import * as c from './contract.ts'
import {
  cancel,
  cancelledAgain,
  countOf,
  create,
  createdAgain,
  type Policy,
  type PolicySettings,
  replyOf,
} from './rules.ts'
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
    .republishes(c.PolicyCreated, createdAgain)
    .republishes(c.PolicyCreationFailed, policy => (policy.status === 'REFUSED' ? replyOf(policy, '') : undefined))
    .republishes(c.PolicyCancelled, cancelledAgain)

/** The policy as its orchestrator asks for it. */
export const orchestratedPolicy = (settings: PolicySettings) => policyCommands(settings).build()
