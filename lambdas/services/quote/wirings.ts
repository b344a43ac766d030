import type { Aggregate } from '#engine/model/aggregate.ts'
import type { Quoting } from '../../quoting.ts'
import { choreographedQuote } from './choreographed.ts'
import { eventSourcedQuote } from './event-sourced.ts'
import { orchestratedQuote } from './orchestrated.ts'
import type { Quote } from './rules.ts'

/** The quote's consumer in each wiring. */
export const quoteIn = (quoting: Quoting): Aggregate<Quote> =>
  ({
    orchestration: orchestratedQuote,
    choreography: choreographedQuote,
    'event-sourcing': eventSourcedQuote,
  })[quoting]
