/** What is said about quotes. */
import { aggregateMessages } from '#shared/messaging/contract.ts'
import { id, reason } from '#shared/messaging/fields.ts'
import * as z from 'zod'
import { premium } from '../policy/contract.ts'

const quote = aggregateMessages('quote', 'quoteID')

/** The owner wants it: a policy is to be issued. */
export const QuoteApproved = quote.event('QuoteApproved', z.object({ premium, customerId: id }))
/** With `version` it is the quote's own decision. Without, it is somebody's claim, on which only the quote service acts. */
export const QuoteRejected = quote.event('QuoteRejected', z.object({ reason, version: z.int().optional() }), {
  isReply: ({ version }) => version !== undefined,
})
export const QuoteCompleted = quote.event('QuoteCompleted', z.object({ policyID: id }))

export const RejectQuote = quote.command('RejectQuote', z.object({ reason }), { done: [QuoteRejected] })
/** Refused if it was rejected meanwhile: the quote is the arbiter. */
export const CompleteQuote = quote.command('CompleteQuote', z.object({ policyID: id, customerId: id }), {
  done: [QuoteCompleted],
  refused: [QuoteRejected],
})
