import type { Aggregate } from '#engine/model/aggregate.ts'
import type { Body } from '#engine/model/messages.ts'
import * as c from './contract.ts'
import { approvedElsewhere, claimed, complete, type Quote, reject, reminderOf } from './rules.ts'
import { quotesTable } from './tables.ts'

/** The quote as its orchestrator asks it: the last step of the saga is the quote's own decision. */
export const orchestratedQuote: Aggregate<Quote> = {
  type: 'quote',
  table: quotesTable,
  handles: [c.QuoteApproved, c.RejectQuote, c.CompleteQuote, c.QuoteRejected],
  publishes: [c.QuoteApproved, c.QuoteCompleted, c.QuoteRejected],
  indexed: reminderOf,
  decide(state, message, context) {
    switch (message.type) {
      case c.QuoteApproved.type:
        return approvedElsewhere(state, message as typeof message & { body: Body<typeof c.QuoteApproved> }, context)
      case c.CompleteQuote.type:
        return complete(state, message.body as Body<typeof c.CompleteQuote>, context)
      case c.RejectQuote.type:
        return reject(state, message.body as Body<typeof c.RejectQuote>, context)
      default:
        return claimed(state, message, context)
    }
  },
}
