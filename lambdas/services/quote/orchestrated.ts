import { aggregate } from '#engine/model/aggregate-builder.ts'
import * as c from './contract.ts'
import {
  approvedAgain,
  approvedElsewhere,
  claimed,
  complete,
  decidedAgain,
  type Quote,
  reject,
  reminderOf,
} from './rules.ts'
import { quotesTable } from './tables.ts'

/** The commands and the claims of others, which are handled in every wiring. */
export const quoteCommands = aggregate<Quote>('quote', {
  table: quotesTable,
  publishes: [c.QuoteApproved],
  indexed: reminderOf,
})
  .handles(c.RejectQuote, {
    publishes: [c.QuoteCompleted, c.QuoteRejected],
    decide: (state, { body }, context) => reject(state, body, context),
  })
  .handles(c.CompleteQuote, {
    publishes: [c.QuoteCompleted, c.QuoteRejected],
    decide: (state, { body }, context) => complete(state, body, context),
  })
  .handles(c.QuoteRejected, { publishes: [c.QuoteRejected], decide: claimed })
  .republishes(c.QuoteApproved, approvedAgain)
  .republishes(c.QuoteCompleted, decidedAgain)
  .republishes(c.QuoteRejected, decidedAgain)

/** The quote as its orchestrator asks it: the last step of the saga is the quote's own decision. */
export const orchestratedQuote = quoteCommands
  .handles(c.QuoteApproved, { publishes: [], decide: approvedElsewhere })
  .build()
