/**
 * A customer's count is a set keyed by quote: each quote is counted or taken back once, in an item of its own, with the
 * customer's number changed alongside. So it commutes, and repeats change nothing. Pure.
 */
import { publish } from '#engine/model/aggregate-builder.ts'
import type { Decision, DecisionContext, Message } from '#engine/model/aggregate.ts'
import type { Body } from '#engine/model/messages.ts'
import type { Ref } from '#engine/model/ports.ts'
import * as c from './contract.ts'
import { customersTable, customerUpdatesTable } from './tables.ts'

/**
 * COUNTED, or UNCOUNTED for good (also before it was counted: a tombstone). REFUSED: there was no such customer, and the
 * quote keeps that answer. SET: a number that came without a quote.
 */
export interface CustomerUpdate {
  readonly status: 'COUNTED' | 'UNCOUNTED' | 'REFUSED' | 'SET'
  /** Unknown of a tombstone that a rejection left. */
  readonly customerId?: string
  readonly quoteID?: string
  /** The customer's number after it. */
  readonly policyCount: number
  /** What a number that was set added to the one before. */
  readonly change?: number
}

/** What customers' updates are, whoever asks for them: one for each quote, and one for each command without a quote. */
export const customerUpdates = {
  table: customerUpdatesTable,
  key: (message: Message) => (belongsToQuote(message) ? message.sagaId : `cmd:${message.id}`),
  sagaIdOf: ({ quoteID, customerId }: CustomerUpdate) => quoteID ?? customerId ?? '',
}

type Counted = typeof c.CustomerPolicyCountUpdated.type | typeof c.CustomerPolicyCountUpdateFailed.type
type Reverted = typeof c.CustomerPolicyCountReverted.type

/** What the API and the commands say of a customer and perhaps a quote. */
export interface Asked {
  readonly customerId: string
  readonly quoteID?: string | undefined
}

/** A message about a quote names it, or is the quote's own. */
export const belongsToQuote = ({ body }: Message) => body['quoteID'] !== undefined

/** The other items that deciding on it looks at. */
export const customerOf = ({ customerId }: Asked): readonly Ref[] => [customer(customerId)]

/** Counts a quote, once. */
export function countQuote(
  state: CustomerUpdate | undefined,
  message: Message<Asked>,
  context: DecisionContext,
): Decision<CustomerUpdate, Counted> {
  const { customerId } = message.body
  if (state) return { kind: 'answer', publish: [answerOf({ ...state, customerId: state.customerId ?? customerId })] }
  const known = context.read(customer(customerId))
  const about = { customerId, quoteID: message.sagaId }
  if (!known) return committed({ status: 'REFUSED', ...about, policyCount: 0 })
  const policyCount = Number(known['policyCount']) + 1
  return { ...committed({ status: 'COUNTED', ...about, policyCount }), alongside: [add(customerId, 1)] }
}

/** Takes a quote back for good, also one that was never counted: a tombstone. */
export function takeBack(
  state: CustomerUpdate | undefined,
  message: Message<Asked>,
  context: DecisionContext,
): Decision<CustomerUpdate, Reverted> {
  const customerId = state?.customerId ?? message.body.customerId
  if (state?.status === 'UNCOUNTED') return { kind: 'answer', publish: [revertedOf({ ...state, customerId })] }
  const now = Number(context.read(customer(customerId))?.['policyCount'] ?? 0)
  const counted = state?.status === 'COUNTED'
  const uncounted: CustomerUpdate = {
    status: 'UNCOUNTED',
    customerId,
    quoteID: message.sagaId,
    policyCount: counted ? now - 1 : now,
  }
  return {
    kind: 'commit',
    state: uncounted,
    publish: [revertedOf(uncounted)],
    ...(counted && { alongside: [add(customerId, -1)] }),
  }
}

/** The quote was rejected by its own decision: nobody asked, so nobody is told. */
export function takeBackRejected(
  state: CustomerUpdate | undefined,
  { sagaId: quoteID, body: { version } }: Message<{ readonly version?: number | undefined }>,
): Decision<CustomerUpdate, never> {
  if (version === undefined) return { kind: 'ignore', why: 'a claim: the quote decides' }
  if (state?.status === 'UNCOUNTED' || state?.status === 'REFUSED')
    return { kind: 'ignore', why: `the quote is ${state.status}` }
  if (state?.customerId === undefined)
    return { kind: 'commit', state: { status: 'UNCOUNTED', quoteID, policyCount: 0 } }
  return {
    kind: 'commit',
    state: { ...state, status: 'UNCOUNTED', policyCount: state.policyCount - 1 },
    alongside: [add(state.customerId, -1)],
  }
}

/** The command to count: a quote, or a number from elsewhere. */
export const update = (
  state: CustomerUpdate | undefined,
  message: Message<Body<typeof c.UpdateCustomerPolicyCount>>,
  context: DecisionContext,
): Decision<CustomerUpdate, Counted> =>
  message.body.quoteID === undefined ? set(state, message, context) : countQuote(state, message, context)

/** The command to take back. */
export const revert = (
  state: CustomerUpdate | undefined,
  message: Message<Body<typeof c.RevertCustomerPolicyCount>>,
  context: DecisionContext,
): Decision<CustomerUpdate, Reverted> =>
  message.body.quoteID === undefined
    ? { kind: 'refuse', why: 'RevertCustomerPolicyCount: there is no quoteID, so nothing to take back' }
    : takeBack(state, message, context)

/** Quotes are counted from there on, one by one, and the number must stay exact. */
const COUNT_MAX = 1_000_000_000_000

/** A number from elsewhere, without a quote. */
function set(
  state: CustomerUpdate | undefined,
  { body: { customerId, policyCount } }: Message<Body<typeof c.UpdateCustomerPolicyCount>>,
  context: DecisionContext,
): Decision<CustomerUpdate, Counted> {
  if (state) return { kind: 'answer', publish: [answerOf(state)] }
  if (policyCount === undefined)
    return { kind: 'refuse', why: 'UpdateCustomerPolicyCount: give a quoteID, or data.policyCount to set' }
  if (policyCount < 0) return { kind: 'refuse', why: 'UpdateCustomerPolicyCount: data.policyCount is negative' }
  if (policyCount > COUNT_MAX)
    return { kind: 'refuse', why: `UpdateCustomerPolicyCount: data.policyCount is larger than ${COUNT_MAX}` }
  const known = context.read(customer(customerId))
  if (!known) return committed({ status: 'REFUSED', customerId, policyCount: 0 })
  const before = Number(known['policyCount'])
  return {
    ...committed({ status: 'SET', customerId, policyCount, change: policyCount - before }),
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

const committed = (state: CustomerUpdate) => ({ kind: 'commit', state, publish: [answerOf(state)] }) as const

/** What whoever asks to count is told, whenever they ask: a quote that was taken back stays out. */
const answerOf = ({ status, customerId = '', quoteID, policyCount }: CustomerUpdate) =>
  status === 'COUNTED' || status === 'SET'
    ? publish(c.CustomerPolicyCountUpdated, { customerId, ...(quoteID !== undefined && { quoteID }), policyCount })
    : publish(c.CustomerPolicyCountUpdateFailed, {
        customerId,
        ...(quoteID !== undefined && { quoteID }),
        reason: status === 'REFUSED' ? 'Unknown customer' : 'Taken back',
      })

/** What was said of a count, unless it has been taken back since. */
export const answeredAgain = (state: CustomerUpdate) => (state.status === 'UNCOUNTED' ? undefined : answerOf(state))

export const revertedAgain = (state: CustomerUpdate) =>
  state.status === 'UNCOUNTED' && state.customerId !== undefined ? revertedOf(state) : undefined

const revertedOf = ({ customerId = '', quoteID, policyCount }: CustomerUpdate) =>
  publish(c.CustomerPolicyCountReverted, { customerId, quoteID, policyCount })

const add = (customerId: string, by: 1 | -1) =>
  ({ kind: 'add', ref: customer(customerId), add: { policyCount: by } }) as const
const customer = (customerId: string): Ref => ({ table: customersTable.name, key: { customerId } })
