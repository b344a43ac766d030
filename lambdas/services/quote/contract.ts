/** Messages about quotes. */
import { messagesOf } from '#engine/model/messages.ts'
import { id, reason } from '#engine/model/fields.ts'
import * as z from 'zod'
import { premium } from '../policy/contract.ts'

const quote = messagesOf('quote', 'quoteID')

export const QuoteApproved = quote.event('QuoteApproved', z.object({ premium, customerId: id }), {
  description: 'The owner of the quote wants it: a policy is to be issued.',
})
export const QuoteRejected = quote.event('QuoteRejected', z.object({ reason, version: z.int().optional() }), {
  description:
    "The quote is rejected. With `version` it is the quote service's own decision; without, it is somebody's claim, on which only the quote service acts.",
  isReply: ({ version }) => version !== undefined,
})
export const QuoteCompleted = quote.event('QuoteCompleted', z.object({ policyID: id }), {
  description: 'The quote is completed, for good: its policy is issued and counted.',
})

export const RejectQuote = quote.command('RejectQuote', z.object({ reason }), {
  description: 'Reject the quote.',
  done: [QuoteRejected],
})
export const CompleteQuote = quote.command('CompleteQuote', z.object({ policyID: id, customerId: id }), {
  description: 'Complete the quote; refused if it was rejected meanwhile, as the quote service alone decides that.',
  done: [QuoteCompleted],
  refused: [QuoteRejected],
})
