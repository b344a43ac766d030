import type { Aggregate } from '#shared/aggregate.ts'
import { eventSourced } from '#shared/messaging/event-sourced.ts'
import type { Quoting } from '../../quoting.ts'
import { quoteEventStore, quoteOf } from '../quote/events.ts'
import { policyReactions } from './choreographed.ts'
import { orchestratedPolicy } from './orchestrated.ts'
import type { Policy, PolicySettings } from './rules.ts'

/** The policy's consumer in each wiring. */
export function policyIn(quoting: Quoting, settings: PolicySettings): Aggregate<Policy> {
  if (quoting === 'choreography') return policyReactions(settings).aggregate
  const orchestrated = orchestratedPolicy(settings)
  if (quoting === 'orchestration') return orchestrated
  return {
    ...eventSourced(orchestrated, { store: quoteEventStore, of: quoteOf }),
    says: [],
    appends: orchestrated.says,
  }
}
