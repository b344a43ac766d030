/** The quoting domain in each of its wirings, as the catalog lists it. */
import type { Domain } from '#engine/catalog/catalog.ts'
import type { Choice } from '#engine/catalog/choices.ts'
import { choreography } from '#engine/choreography/choreography.ts'
import { topicPerAggregate, topicPerKind } from '#engine/delivery/topics.ts'
import { type Quoting, quotings } from '../../quoting.ts'
import { choreographedCustomer } from '../../services/customer/choreographed.ts'
import { CustomerPolicyCountReverted } from '../../services/customer/contract.ts'
import { customerService } from '../../services/customer/service.ts'
import { choreographedPolicy } from '../../services/policy/choreographed.ts'
import { PREMIUM_MAX, policyService } from '../../services/policy/service.ts'
import { choreographedQuote } from '../../services/quote/choreographed.ts'
import { QuoteApproved, QuoteCompleted } from '../../services/quote/contract.ts'
import { quoteEvents, quoteEventsTable } from '../../services/quote/events.ts'
import { quoteService } from '../../services/quote/service.ts'
import { quotingSaga } from './saga.ts'

/** What the catalog lets a stage choose. */
export const quotingChoice = {
  variable: 'QUOTING',
  values: quotings,
  description: 'how quoting is held together',
} as const satisfies Choice

/** Said for others than ours. */
const quotingEnds = [QuoteCompleted, CustomerPolicyCountReverted]

export const quotingChoreography = choreography(
  'quoting',
  { startsWith: QuoteApproved, endsWith: quotingEnds },
  {
    quote: choreographedQuote,
    policy: choreographedPolicy({ premiumMax: PREMIUM_MAX }),
    customer: choreographedCustomer,
  },
)

export function quotingDomain(quoting: Quoting): Domain {
  const services = [quoteService(quoting), policyService(quoting), customerService(quoting)]
  const name = 'quoting'
  switch (quoting) {
    case 'choreography':
      return {
        name,
        topicOf: topicPerAggregate,
        services,
        sagas: [],
        choreographies: [quotingChoreography],
        ends: quotingEnds,
      }
    case 'orchestration':
      return { name, topicOf: topicPerKind, services, sagas: [quotingSaga], sagaEnvironment: ['QUOTING'] }
    case 'event-sourcing':
      return {
        name,
        topicOf: topicPerKind,
        services,
        sagas: [quotingSaga],
        sagaEnvironment: ['QUOTING'],
        eventStore: { table: quoteEventsTable, events: quoteEvents },
        ends: quotingEnds,
      }
  }
}
