import type { Table } from '#engine/model/aggregate.ts'

/** One policy a quote, or the tombstone of one that is never to be. `byPolicy` finds it by its own id. */
export const policiesTable: Table = {
  name: 'policies',
  partition: 'quoteID',
  indexes: [{ name: 'byPolicy', partition: 'policyID' }],
}

/** `{customerId, policyCount, version}`: how many policies a customer has here. What counts is the customer's own number. */
export const policyCountsTable: Table = { name: 'policy-counts', partition: 'customerId' }
