import type { Aggregate } from '#engine/model/aggregate.ts'
import { eventSourced } from '#engine/event-store/event-sourced-aggregate.ts'
import type { Quoting } from '../../quoting.ts'
import { quoteEventStore, quoteOf } from '../quote/events.ts'
import { choreographedPolicy } from './choreographed.ts'
import { orchestratedPolicy } from './orchestrated.ts'
import type { Policy, PolicySettings } from './rules.ts'

/** The policy's consumer in each wiring. */
export function policyIn(quoting: Quoting, settings: PolicySettings): Aggregate<Policy> {
  if (quoting === 'choreography') return choreographedPolicy(settings)
  const orchestrated = orchestratedPolicy(settings)
  if (quoting === 'orchestration') return orchestrated
  return {
    ...eventSourced(orchestrated, { store: quoteEventStore, of: quoteOf }),
    publishes: [],
    appends: orchestrated.publishes,
  }
}
