/**
 * A customer's count is a set keyed by quote: each quote is counted or taken back once, in an item of its own, with the
 * customer's number changed alongside. So it commutes, and repeats change nothing. Pure.
 */
import type { Aggregate, Decision, Heard, Said, Seen } from '#shared/aggregate.ts'
import type { Body } from '#shared/messaging/contract.ts'
import type { Ref } from '#shared/ports.ts'
import * as c from './contract.ts'
import { customersTable, customerUpdatesTable } from './tables.ts'

/**
 * COUNTED, or UNCOUNTED for good (also before it was counted: a tombstone). REFUSED: there was no such customer, and the
 * quote keeps that answer. SET: a number that came without a quote.
 */
export interface CustomerUpdate {
  readonly status: 'COUNTED' | 'UNCOUNTED' | 'REFUSED' | 'SET'
  readonly customerId: string
  readonly quoteID?: string
  /** The customer's number after it. */
  readonly policyCount: number
}

export const customerUpdate: Aggregate<CustomerUpdate> = {
  type: 'customer-update',
  table: customerUpdatesTable,
  hears: [c.UpdateCustomerPolicyCount, c.RevertCustomerPolicyCount],
  says: [c.CustomerPolicyCountUpdated, c.CustomerPolicyCountUpdateFailed, c.CustomerPolicyCountReverted],
  key: heard => (quoteOf(heard) === undefined ? `cmd:${heard.id}` : heard.sagaId),
  sagaIdOf: ({ quoteID, customerId }) => quoteID ?? customerId,
  reads: heard => [customer(customerIdOf(heard))],
  decide(state, heard, seen) {
    if (quoteOf(heard) === undefined) return set(state, heard, seen)
    return heard.type === c.UpdateCustomerPolicyCount.type
      ? countQuote(state, heard, seen)
      : takeBack(state, heard, seen)
  },
}

function countQuote(state: CustomerUpdate | undefined, heard: Heard, seen: Seen): Decision<CustomerUpdate> {
  if (state) return { kind: 'answer', send: [toldOf(state)] }
  const customerId = customerIdOf(heard)
  const known = seen.read(customer(customerId))
  const about = { customerId, quoteID: heard.sagaId }
  if (!known) return committed({ status: 'REFUSED', ...about, policyCount: 0 })
  const policyCount = Number(known['policyCount']) + 1
  return { ...committed({ status: 'COUNTED', ...about, policyCount }), alongside: [add(customerId, 1)] }
}

function takeBack(state: CustomerUpdate | undefined, heard: Heard, seen: Seen): Decision<CustomerUpdate> {
  if (state?.status === 'UNCOUNTED') return { kind: 'answer', send: [revertedOf(state)] }
  const customerId = state?.customerId ?? customerIdOf(heard)
  const now = Number(seen.read(customer(customerId))?.['policyCount'] ?? 0)
  const counted = state?.status === 'COUNTED'
  const uncounted: CustomerUpdate = {
    status: 'UNCOUNTED',
    customerId,
    quoteID: heard.sagaId,
    policyCount: counted ? now - 1 : now,
  }
  return {
    kind: 'commit',
    state: uncounted,
    send: [revertedOf(uncounted)],
    ...(counted && { alongside: [add(customerId, -1)] }),
  }
}

/** A number from elsewhere, without a quote. */
function set(state: CustomerUpdate | undefined, heard: Heard, seen: Seen): Decision<CustomerUpdate> {
  if (heard.type === c.RevertCustomerPolicyCount.type)
    return { kind: 'refuse', why: 'RevertCustomerPolicyCount: there is no quoteID, so nothing to take back' }
  if (state) return { kind: 'answer', send: [toldOf(state)] }
  const customerId = customerIdOf(heard)
  const { policyCount } = heard.body as Body<typeof c.UpdateCustomerPolicyCount>
  if (policyCount === undefined)
    return { kind: 'refuse', why: 'UpdateCustomerPolicyCount: give a quoteID, or data.policyCount to set' }
  const known = seen.read(customer(customerId))
  if (!known) return committed({ status: 'REFUSED', customerId, policyCount: 0 })
  const before = Number(known['policyCount'])
  return {
    ...committed({ status: 'SET', customerId, policyCount }),
    alongside: [
      {
        kind: 'add',
        ref: customer(customerId),
        add: { policyCount: policyCount - before },
        equals: { policyCount: before },
      },
    ],
  }
}

const committed = (state: CustomerUpdate) => ({ kind: 'commit', state, send: [toldOf(state)] }) as const

/** What whoever asks to count is told, whenever they ask: a quote that was taken back stays out. */
const toldOf = ({ status, customerId, quoteID, policyCount }: CustomerUpdate): Said =>
  status === 'COUNTED' || status === 'SET'
    ? {
        message: c.CustomerPolicyCountUpdated,
        body: { customerId, ...(quoteID !== undefined && { quoteID }), policyCount },
      }
    : {
        message: c.CustomerPolicyCountUpdateFailed,
        body: {
          customerId,
          ...(quoteID !== undefined && { quoteID }),
          reason: status === 'REFUSED' ? 'Unknown customer' : 'Taken back',
        },
      }

const revertedOf = ({ customerId, quoteID, policyCount }: CustomerUpdate): Said => ({
  message: c.CustomerPolicyCountReverted,
  body: { customerId, quoteID, policyCount },
})

const add = (customerId: string, by: 1 | -1) =>
  ({ kind: 'add', ref: customer(customerId), add: { policyCount: by } }) as const
const customer = (customerId: string): Ref => ({ table: customersTable.name, key: { customerId } })
const customerIdOf = (heard: Heard) => (heard.body as Body<typeof c.UpdateCustomerPolicyCount>).customerId
const quoteOf = (heard: Heard) => (heard.body as Body<typeof c.UpdateCustomerPolicyCount>).quoteID
