/** Messages about policies. A policy is asked for by its quote, and known by its own id afterwards. */
import { messagesOf } from '#engine/model/messages.ts'
import { id, reason } from '#engine/model/fields.ts'
import * as z from 'zod'

const policy = messagesOf('policy', 'policyID', 'quoteID')
const ofQuote = messagesOf('policy', 'quoteID')

/** Any number, also one that is too large (`1e999`, the largest instead): whether it is a premium is the policy service's to say. */
export const premium = z
  .custom<number>(value => typeof value === 'number', 'is not a number')
  // A schema of its own making has no JSON Schema unless it says so.
  .meta({ type: 'number' })
  .transform(value => Math.max(-Number.MAX_VALUE, Math.min(value, Number.MAX_VALUE)))

export const PolicyCreated = policy.event(
  'PolicyCreated',
  z.object({ quoteID: id, customerId: id, policyCount: z.int().optional() }),
  {
    description:
      'The policy is issued. `policyCount`: how many the policy service knows that customer to have; information.',
  },
)
export const PolicyCancelled = policy.event(
  'PolicyCancelled',
  z.object({ quoteID: id, customerId: id.optional(), reason }),
  {
    description:
      'There is no policy for the quote, and there will be none. `customerId` is left out if none was ever asked for.',
  },
)
export const PolicyCreationFailed = ofQuote.event('PolicyCreationFailed', z.object({ reason }), {
  description: 'No policy was issued: the premium is not one that the policy service accepts.',
})

export const CreatePolicy = ofQuote.command('CreatePolicy', z.object({ premium, customerId: id }), {
  description: 'Issue the policy of the quote, if its premium is one.',
  done: [PolicyCreated],
  refused: [PolicyCreationFailed],
})
export const CancelPolicy = ofQuote.command('CancelPolicy', z.object({ reason }), {
  description: "Cancel the quote's policy; one that is asked for later is not issued.",
  done: [PolicyCancelled],
})
