/** The quoting examples of `messages.md`, byte for byte, and where they are published in each wiring. */
import type { Quoting } from '../../../lambdas/quoting.ts'

export type ExampleType = keyof typeof EXAMPLES

export const EXAMPLES = {
  CreatePolicy:
    '{"commandID":"command-1","quoteID":"quote-123","commandType":"CreatePolicy","data":{"premium":1200,"customerId":"cust-456"}}',
  QuoteApproved:
    '{"eventID":"event-1","quoteID":"quote-123","eventType":"QuoteApproved","data":{"premium":1200,"customerId":"cust-456"}}',
  PolicyCreated:
    '{"eventID":"event-2","policyID":"policy-789","eventType":"PolicyCreated","data":{"quoteID":"quote-123","customerId":"cust-456"}}',
  UpdateCustomerPolicyCount:
    '{"commandID":"command-2","customerId":"cust-456","commandType":"UpdateCustomerPolicyCount","data":{"policyCount":5}}',
  PolicyCreationFailed:
    '{"eventID":"event-3","quoteID":"quote-123","eventType":"PolicyCreationFailed","data":{"reason":"Invalid premium amount"}}',
  RejectQuote:
    '{"commandID":"command-3","quoteID":"quote-123","commandType":"RejectQuote","data":{"reason":"Policy creation failed"}}',
  QuoteRejected:
    '{"eventID":"event-4","quoteID":"quote-123","eventType":"QuoteRejected","data":{"reason":"Policy creation failed"}}',
}
/** The aggregate's topic, where nobody orchestrates. */
const ABOUT: Record<ExampleType, string> = {
  CreatePolicy: 'policies',
  QuoteApproved: 'quotes',
  PolicyCreated: 'policies',
  UpdateCustomerPolicyCount: 'customers',
  PolicyCreationFailed: 'policies',
  RejectQuote: 'quotes',
  QuoteRejected: 'quotes',
}

/** Where each message of others goes. */
export const topicOf = (quoting: Quoting, type: ExampleType) =>
  quoting === 'choreography'
    ? ABOUT[type]
    : type.startsWith('Quote') || type.startsWith('Policy')
      ? 'saga-events'
      : 'saga-commands'
