import type { Aggregate } from '#shared/aggregate.ts'
import type { Quoting } from '../../quoting.ts'
import { quoteReactions } from './choreographed.ts'
import { orchestratedQuote } from './orchestrated.ts'
import type { Quote } from './rules.ts'

/** The quote's consumer in each wiring. */
export const quoteIn = (quoting: Quoting): Aggregate<Quote> =>
  quoting === 'choreography' ? quoteReactions.aggregate : orchestratedQuote
