/** The API of quotes. A quote belongs to the token's `sub` that made it. */
import { Id } from '#engine/http/ids.ts'
import { preferenceAppliedHeader, preferHeader } from '#engine/http/prefer.ts'
import { locationHeader, type Routes, retryAfterHeader } from '#engine/http/route.ts'
import { id } from '#engine/model/fields.ts'
import * as z from 'zod'

export const NewQuote = z.object({
  quoteID: Id.optional().describe('One is made if it is left out.'),
  customerId: Id,
  premium: z.number().describe('Any finite number: whether it is a premium is for the policy service to say.'),
})

/** A quote as callers see it. One that was approved elsewhere, on Kafka, lacks what only the API knows. */
export const QuoteShown = z
  .object({
    quoteID: id,
    status: z.enum(['DRAFT', 'APPROVED', 'COMPLETED', 'REJECTED']).describe('The last two are final.'),
    policyID: id.optional().describe('Once it is completed.'),
    reason: z.string().optional().describe('Why it was rejected.'),
    customerId: id.optional(),
    premium: z.number().optional(),
  })
  .meta({ id: 'Quote' })

const ApprovedQuote = z.object({ quoteID: id, status: z.literal('APPROVED') })

export const quoteRoutes = {
  createQuote: {
    method: 'POST',
    path: '/quotes',
    summary: "Makes a draft of a quote for the token's `sub`.",
    callers: 'anyone',
    body: NewQuote,
    answers: [{ status: 201, description: 'The draft.', schema: QuoteShown, headers: [locationHeader] }],
    problems: ['conflict'],
  },
  approveQuote: {
    method: 'POST',
    path: '/quotes/{quoteID}/approve',
    summary: 'Approves a quote of its owner: a policy is to be issued.',
    callers: 'owner',
    description: 'Once more gives the same answer. A quote that can no longer be approved is a conflict.',
    headers: [preferHeader],
    answers: [
      {
        status: 202,
        description: 'The quote is approved and has not ended.',
        schema: ApprovedQuote,
        headers: [locationHeader, retryAfterHeader, preferenceAppliedHeader],
      },
      {
        status: 200,
        description: 'The quote ended while the request waited for it.',
        schema: QuoteShown,
        headers: [preferenceAppliedHeader],
      },
    ],
    problems: ['conflict'],
  },
  showQuote: {
    method: 'GET',
    path: '/quotes/{quoteID}',
    summary: 'Shows a quote, to its owner and to operators.',
    callers: 'owner-or-operators',
    answers: [{ status: 200, description: 'The quote.', schema: QuoteShown }],
  },
} as const satisfies Routes

/** An event of the quote's stream: as it was published, with where it stands. */
const StoredEvent = z
  .looseObject({
    eventID: z.string(),
    quoteID: id,
    eventType: z.string(),
    data: z.record(z.string(), z.unknown()),
    sequenceNumber: z.int().min(1).describe('From 1, without gaps.'),
    timestamp: z.iso.datetime().describe('When it was appended, in UTC.'),
  })
  .meta({ id: 'StoredEvent' })

/** Where quotes are event-sourced. */
export const quoteEventRoutes = {
  listQuoteEvents: {
    method: 'GET',
    path: '/quotes/{quoteID}/events',
    summary: 'Lists the stored events of a quote in order, to its owner and to operators.',
    callers: 'owner-or-operators',
    answers: [{ status: 200, description: 'All of them.', schema: z.object({ items: z.array(StoredEvent) }) }],
  },
} as const satisfies Routes
