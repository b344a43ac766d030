/** What is said about policies. A policy is asked for by its quote, and known by its own id afterwards. */
import { aggregateMessages } from '#shared/messaging/contract.ts'
import { id, reason } from '#shared/messaging/fields.ts'
import * as z from 'zod'

const policy = aggregateMessages('policy', 'policyID', 'quoteID')
const ofQuote = aggregateMessages('policy', 'quoteID')

/** Any number, also one that is too large (`1e999`, the largest instead): whether it is a premium is the policy service's to say. */
export const premium = z
  .custom<number>(value => typeof value === 'number', 'is not a number')
  .transform(value => Math.max(-Number.MAX_VALUE, Math.min(value, Number.MAX_VALUE)))

/** `policyCount`: how many policies the policy service knows that customer to have; information. */
export const PolicyCreated = policy.event(
  'PolicyCreated',
  z.object({ quoteID: id, customerId: id, policyCount: z.int().optional() }),
)
/** `customerId`: unless no policy was ever asked for. */
export const PolicyCancelled = policy.event(
  'PolicyCancelled',
  z.object({ quoteID: id, customerId: id.optional(), reason }),
)
export const PolicyCreationFailed = ofQuote.event('PolicyCreationFailed', z.object({ reason }))

export const CreatePolicy = ofQuote.command('CreatePolicy', z.object({ premium, customerId: id }), {
  done: [PolicyCreated],
  refused: [PolicyCreationFailed],
})
export const CancelPolicy = ofQuote.command('CancelPolicy', z.object({ reason }), { done: [PolicyCancelled] })
