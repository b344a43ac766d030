import type { Quoting } from '../../lambdas/quoting.ts'
import { differs, END_MAX_MS, outcome, type Play, type Played, poll, type Stage, typesOn } from './play.ts'
import { quoteMessages } from './quote-messages.ts'

/** One quote, what it must come to, and every message that it must cause. */
interface Scenario {
  readonly name: string
  readonly premium: number
  /** Whether there is such a customer. */
  readonly known: boolean
  readonly ends: {
    readonly status: 'COMPLETED' | 'REJECTED'
    readonly reason?: string
    readonly policy?: 'ACTIVE' | 'CANCELLED'
    /** The customer's policies. */
    readonly count?: number
    readonly messages: keyof (typeof quoteMessages)['orchestration']
  }
}

interface Quote {
  readonly quoteID: string
  readonly status: string
  readonly policyID?: string
  readonly reason?: string
}

/** Every path of quoting that a customer can bring about. */
const scenarios: readonly Scenario[] = [
  {
    name: 'a quote, completed',
    premium: 1200,
    known: true,
    ends: {
      status: 'COMPLETED',
      policy: 'ACTIVE',
      count: 1,
      messages: 'completed',
    },
  },
  {
    name: 'a premium that is none',
    premium: -5,
    known: true,
    ends: {
      status: 'REJECTED',
      reason: 'Policy creation failed',
      count: 0,
      messages: 'invalidPremium',
    },
  },
  {
    name: 'a customer that nobody knows, policy cancelled',
    premium: 800,
    known: false,
    ends: {
      status: 'REJECTED',
      reason: 'Customer update failed',
      messages: 'unknownCustomer',
    },
  },
]

export const quotePlays = (quoting: Quoting): readonly Play[] =>
  scenarios.map(scenario => ({
    name: scenario.name,
    with: `premium ${scenario.premium}`,
    play: stage => play(scenario, stage, new Set(quoteMessages[quoting][scenario.ends.messages])),
  }))

/** Makes the customer, drafts and approves the quote, waits for its end and for what follows it, and gathers what there is then. */
async function play({ premium, known, ends }: Scenario, stage: Stage, messages: ReadonlySet<string>): Promise<Played> {
  const { slug, operator, customer } = stage
  const customerId = `customer-${slug}`
  if (known) await operator({ method: 'POST', path: '/customers', body: { customerId, name: customerId } })
  const drafted = await customer({ method: 'POST', path: '/quotes', body: { customerId, premium } })
  const { quoteID } = drafted.body as Quote
  await customer({ method: 'POST', path: `/quotes/${quoteID}/approve`, headers: { prefer: 'wait=20' } })
  const read = async () => (await customer({ path: `/quotes/${quoteID}` })).body as Quote
  await poll(END_MAX_MS, read, ({ status }) => status === 'COMPLETED' || status === 'REJECTED')

  const gather = async () => {
    const quote = await read()
    const policy =
      quote.policyID === undefined ? undefined : (await customer({ path: `/policies/${quote.policyID}` })).body
    const count = known ? (await operator({ path: `/customers/${customerId}` })).body : undefined
    return {
      quote,
      policy: (policy as { status: string } | undefined)?.status,
      count: (count as { policyCount: number } | undefined)?.policyCount,
      timeline: await stage.timeline(quoteID),
    }
  }
  const wrongOf = ({ quote, policy, count, timeline }: Awaited<ReturnType<typeof gather>>) =>
    [
      differs('it ended', outcome(ends), outcome(quote)),
      differs('its policy is', ends.policy, policy),
      differs("the customer's count is", ends.count, count),
      differs('its messages are', [...messages].sort(), typesOn(timeline, /Quote|Policy/)),
    ].filter(sentence => sentence !== undefined)
  const found = await poll(stage.settleMaxMs, gather, found => wrongOf(found).length === 0)
  return {
    subject: `quote ${quoteID}`,
    timeline: found.timeline,
    summary: `ended ${outcome(found.quote)}; policy ${found.policy ?? 'none'}; policies of the customer ${found.count ?? 'none'}`,
    wrong: wrongOf(found),
  }
}
