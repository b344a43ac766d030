import type { Aggregate } from '#shared/aggregate.ts'
import type { Body } from '#shared/messaging/contract.ts'
import * as c from './contract.ts'
import { approvedElsewhere, claimed, complete, type Quote, reject, reminderOf } from './rules.ts'
import { quotesTable } from './tables.ts'

/** The quote as its orchestrator asks it: the last step of the saga is the quote's own decision. */
export const orchestratedQuote: Aggregate<Quote> = {
  type: 'quote',
  table: quotesTable,
  hears: [c.QuoteApproved, c.RejectQuote, c.CompleteQuote, c.QuoteRejected],
  says: [c.QuoteApproved, c.QuoteCompleted, c.QuoteRejected],
  indexed: reminderOf,
  decide(state, heard, seen) {
    switch (heard.type) {
      case c.QuoteApproved.type:
        return approvedElsewhere(state, heard as typeof heard & { body: Body<typeof c.QuoteApproved> }, seen)
      case c.CompleteQuote.type:
        return complete(state, heard.body as Body<typeof c.CompleteQuote>, seen)
      case c.RejectQuote.type:
        return reject(state, heard.body as Body<typeof c.RejectQuote>, seen)
      default:
        return claimed(state, heard, seen)
    }
  },
}
