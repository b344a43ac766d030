/** Messages that only the type tests use: a foreign aggregate, two ways of being done, a command that nobody answers. */
import { messagesOf } from '#engine/model/messages.ts'
import * as z from 'zod'

const quote = messagesOf('quote', 'quoteID')
export const QuoteApproved = quote.event('QuoteApproved', z.object({ premium: z.number(), customerId: z.string() }))

const customer = messagesOf('customer', 'customerId', 'quoteID')
export const CountUpdated = customer.event('CountUpdated', z.object({ policyCount: z.number() }))
export const CountFailed = customer.event('CountFailed', z.object({ reason: z.string() }))
export const UpdateCount = customer.command('UpdateCount', z.object({ policyCount: z.number().optional() }), {
  done: [CountUpdated],
  refused: [CountFailed],
})

const parcel = messagesOf('parcel', 'orderId')
export const SentWhole = parcel.event('SentWhole', z.object({ ref: z.string() }))
export const SentInPart = parcel.event('SentInPart', z.object({ left: z.number() }))
export const Send = parcel.command('Send', z.object({}), { done: [SentWhole, SentInPart] })
export const Notify = parcel.command('Notify', z.object({ text: z.string() }), { done: [] })
