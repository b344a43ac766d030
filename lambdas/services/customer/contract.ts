/** What is said about customers. A command or event that belongs to a quote names it beside the customer. */
import { aggregateMessages } from '#shared/messaging/contract.ts'
import { id, reason } from '#shared/messaging/fields.ts'
import * as z from 'zod'

const customer = aggregateMessages('customer', 'customerId', 'quoteID')
/** Others set a number without a quote. */
const quoteID = id.optional()

export const CustomerPolicyCountUpdated = customer.event(
  'CustomerPolicyCountUpdated',
  z.object({ quoteID, policyCount: z.int() }),
)
export const CustomerPolicyCountUpdateFailed = customer.event(
  'CustomerPolicyCountUpdateFailed',
  z.object({ quoteID, reason }),
)
export const CustomerPolicyCountReverted = customer.event(
  'CustomerPolicyCountReverted',
  z.object({ quoteID, policyCount: z.int() }),
)

/** With a quote: counts it, once, whatever the number says. Without one: sets the number, once a command id. */
export const UpdateCustomerPolicyCount = customer.command(
  'UpdateCustomerPolicyCount',
  z.object({ quoteID, policyCount: z.int().nonnegative().optional() }),
  { done: [CustomerPolicyCountUpdated], refused: [CustomerPolicyCountUpdateFailed] },
)
export const RevertCustomerPolicyCount = customer.command('RevertCustomerPolicyCount', z.object({ quoteID, reason }), {
  done: [CustomerPolicyCountReverted],
})
