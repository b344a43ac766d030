import type { Aggregate } from '#engine/model/aggregate.ts'
import { eventSourced } from '#engine/event-store/event-sourced-aggregate.ts'
import type { Quoting } from '../../quoting.ts'
import { quoteEventStore, quoteOf } from '../quote/events.ts'
import { choreographedCustomer } from './choreographed.ts'
import { CustomerPolicyCountReverted } from './contract.ts'
import { orchestratedCustomer } from './orchestrated.ts'
import type { CustomerUpdate } from './rules.ts'

/** Events of quotes are appended; a number that is set without a quote is answered as ever. */
const eventSourcedCustomer: Aggregate<CustomerUpdate> = {
  ...eventSourced(orchestratedCustomer, { store: quoteEventStore, of: quoteOf }),
  publishes: orchestratedCustomer.publishes.filter(message => message !== CustomerPolicyCountReverted),
  appends: orchestratedCustomer.publishes,
}

/** The consumer of customers' counts in each wiring. */
export const customerIn = (quoting: Quoting): Aggregate<CustomerUpdate> =>
  ({
    orchestration: orchestratedCustomer,
    choreography: choreographedCustomer,
    'event-sourcing': eventSourcedCustomer,
  })[quoting]
