import type { Aggregate } from '#shared/aggregate.ts'
import type { Quoting } from '../../quoting.ts'
import { policyReactions } from './choreographed.ts'
import { orchestratedPolicy } from './orchestrated.ts'
import type { Policy, PolicySettings } from './rules.ts'

/** The policy's consumer in each wiring. */
export const policyIn = (quoting: Quoting, settings: PolicySettings): Aggregate<Policy> =>
  quoting === 'choreography' ? policyReactions(settings).aggregate : orchestratedPolicy(settings)
