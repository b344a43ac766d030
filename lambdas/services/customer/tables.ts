import type { Table } from '#engine/model/aggregate.ts'

/** `{customerId, name, policyCount, version}`. The number is changed `alongside` the updates' own commits. */
export const customersTable: Table = { name: 'customers', partition: 'customerId' }

/** One item for each quote that was counted, refused or taken back, and for each command that set a number. */
export const customerUpdatesTable: Table = { name: 'customer-updates', partition: 'updateId' }
