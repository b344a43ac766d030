import type { Quoting } from '../../lambdas/quoting.ts'

const ISSUED = ['QuoteApproved', 'CreatePolicy', 'PolicyCreated', 'UpdateCustomerPolicyCount']
const orchestrated = {
  completed: [...ISSUED, 'CustomerPolicyCountUpdated', 'CompleteQuote', 'QuoteCompleted'],
  invalidPremium: [
    'QuoteApproved',
    'CreatePolicy',
    'PolicyCreationFailed',
    'RejectQuote',
    'QuoteRejected',
    'CancelPolicy',
    'PolicyCancelled',
  ],
  unknownCustomer: [
    ...ISSUED,
    'CustomerPolicyCountUpdateFailed',
    'CancelPolicy',
    'PolicyCancelled',
    'RejectQuote',
    'QuoteRejected',
  ],
}

/** What each wiring publishes down each path, in order when nothing overtakes. A rejection is claimed, then decided. */
export const quoteMessages: Record<Quoting, Record<keyof typeof orchestrated, readonly string[]>> = {
  orchestration: orchestrated,
  choreography: {
    completed: ['QuoteApproved', 'PolicyCreated', 'CustomerPolicyCountUpdated', 'QuoteCompleted'],
    invalidPremium: ['QuoteApproved', 'QuoteRejected', 'QuoteRejected'],
    unknownCustomer: [
      'QuoteApproved',
      'PolicyCreated',
      'CustomerPolicyCountUpdateFailed',
      'PolicyCancelled',
      'QuoteRejected',
    ],
  },
  'event-sourcing': orchestrated,
}
