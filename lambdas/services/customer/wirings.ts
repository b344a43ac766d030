import type { Aggregate } from '#shared/aggregate.ts'
import type { Quoting } from '../../quoting.ts'
import { customerReactions } from './choreographed.ts'
import { orchestratedCustomer } from './orchestrated.ts'
import type { CustomerUpdate } from './rules.ts'

/** The consumer of customers' counts in each wiring. */
export const customerIn = (quoting: Quoting): Aggregate<CustomerUpdate> =>
  quoting === 'choreography' ? customerReactions.aggregate : orchestratedCustomer
