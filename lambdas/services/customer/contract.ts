/** Messages about customers. A command or event that belongs to a quote names it beside the customer. */
import { messagesOf } from '#engine/model/messages.ts'
import { id, reason } from '#engine/model/fields.ts'
import * as z from 'zod'

const customer = messagesOf('customer', 'customerId', 'quoteID')
/** Others set a number without a quote. */
const quoteID = id.optional()

export const CustomerPolicyCountUpdated = customer.event(
  'CustomerPolicyCountUpdated',
  z.object({ quoteID, policyCount: z.int() }),
  { description: 'The customer has `policyCount` policies now.' },
)
export const CustomerPolicyCountUpdateFailed = customer.event(
  'CustomerPolicyCountUpdateFailed',
  z.object({ quoteID, reason }),
  { description: 'Nothing was counted: there is no such customer.' },
)
export const CustomerPolicyCountReverted = customer.event(
  'CustomerPolicyCountReverted',
  z.object({ quoteID, policyCount: z.int() }),
  { description: "The quote's policy is not counted, and will not be; the customer has `policyCount` policies now." },
)

export const UpdateCustomerPolicyCount = customer.command(
  'UpdateCustomerPolicyCount',
  z.object({ quoteID, policyCount: z.int().optional() }),
  {
    description:
      "With a `quoteID`: count that quote's policy, once, whatever the number says. Without one: set the number, from 0 to 1000000000000, once a command id.",
    done: [CustomerPolicyCountUpdated],
    refused: [CustomerPolicyCountUpdateFailed],
  },
)
export const RevertCustomerPolicyCount = customer.command('RevertCustomerPolicyCount', z.object({ quoteID, reason }), {
  description: "Take the quote's policy out of the customer's count; a count that comes later is not made.",
  done: [CustomerPolicyCountReverted],
})
