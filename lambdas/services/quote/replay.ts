/**
 * Every read model of event-sourced quoting, made again from its events alone: quotes, policies, what counts, and each
 * customer's number. Pure; `npm run cli -- quotes replay` compares it with what the tables hold.
 */
import type { Item } from '#engine/model/ports.ts'
import * as customers from '../customer/contract.ts'
import * as policies from '../policy/contract.ts'
import { definedOf, foldQuote, messageOf } from './events.ts'
import * as quotes from './contract.ts'

/** What of each table the events decide, by its key. Times, versions and owners are not among them. */
export interface ReadModels {
  readonly quotes: ReadonlyMap<string, Row>
  readonly policies: ReadonlyMap<string, Row>
  readonly 'customer-updates': ReadonlyMap<string, Row>
  readonly customers: ReadonlyMap<string, Row>
}
export type Row = Readonly<Record<string, string | number>>
export type Model = keyof ReadModels

/** The key of each model's table. */
export const modelKeys: Readonly<Record<Model, string>> = {
  quotes: 'quoteID',
  policies: 'quoteID',
  'customer-updates': 'updateId',
  customers: 'customerId',
}

/**
 * `events`: all streams, each in its order. `tables`: what is not in any stream: drafts, numbers that were set, customers
 * without quotes.
 */
export function rebuild(
  events: readonly Item[],
  tables: { readonly quotes: readonly Item[]; readonly customers: readonly Item[]; readonly updates: readonly Item[] },
): ReadModels {
  const streams = Map.groupBy(events, ({ quoteID }) => quoteID as string)
  const counts = new Map(tables.customers.map(({ customerId }) => [customerId as string, 0]))
  const add = (customerId: unknown, change: number) => {
    const id = String(customerId)
    if (counts.has(id)) counts.set(id, (counts.get(id) ?? 0) + change)
  }
  for (const { status, customerId, change } of tables.updates)
    if (status === 'SET') add(customerId, Number(change ?? 0))

  const drafts = new Map(tables.quotes.map(row => [row['quoteID'] as string, pick(row, ['customerId', 'premium'])]))
  const models = { quotes: new Map<string, Row>(), policies: new Map<string, Row>(), updates: new Map<string, Row>() }
  for (const [quoteID, stream] of streams) {
    if (stream.some(isQuotes))
      models.quotes.set(quoteID, plain({ ...drafts.get(quoteID), ...definedOf(foldQuote(stream)) }))
    const policy = foldPolicy(stream)
    if (policy) models.policies.set(quoteID, policy)
    const update = foldUpdate(stream)
    if (update) models.updates.set(quoteID, update)
    if (update?.['status'] === 'COUNTED') add(update['customerId'], 1)
  }
  return {
    quotes: models.quotes,
    policies: models.policies,
    'customer-updates': models.updates,
    customers: new Map([...counts].map(([id, policyCount]) => [id, { policyCount }])),
  }
}

/** What the tables hold of the same. Drafts and numbers that were set are in no stream. */
export function present(tables: Readonly<Record<Model, readonly Item[]>>): ReadModels {
  const rows = (model: Model, fields: readonly string[], keep: (item: Item) => boolean = () => true) =>
    new Map(
      tables[model].filter(keep).map(item => [item[modelKeys[model]] as string, plain(pick(item, fields))] as const),
    )
  return {
    quotes: rows(
      'quotes',
      ['status', 'customerId', 'premium', 'policyID', 'reason'],
      ({ status }) => status !== 'DRAFT',
    ),
    policies: new Map(
      // No event says the id of a policy that was refused.
      tables.policies.map(({ quoteID, status, policyID }) => [
        quoteID as string,
        plain({ status, policyID: status === 'REFUSED' ? undefined : policyID }),
      ]),
    ),
    'customer-updates': rows('customer-updates', ['status', 'customerId'], ({ status }) => status !== 'SET'),
    customers: rows('customers', ['policyCount']),
  }
}

export interface Difference {
  readonly model: Model
  readonly key: string
  /** Undefined: there is none. */
  readonly rebuilt: Row | undefined
  readonly present: Row | undefined
}

/** Every row that is not the same in both. */
export const differences = (rebuilt: ReadModels, there: ReadModels): Difference[] =>
  (Object.keys(modelKeys) as Model[]).flatMap(model =>
    [...new Set([...rebuilt[model].keys(), ...there[model].keys()])].sort().flatMap(key => {
      const [a, b] = [rebuilt[model].get(key), there[model].get(key)]
      return sameRow(a, b) ? [] : [{ model, key, rebuilt: a, present: b }]
    }),
  )

const sameRow = (a: Row | undefined, b: Row | undefined) =>
  a !== undefined && b !== undefined && JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
const sorted = (row: Row) => Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))
const pick = (item: Item, fields: readonly string[]) => Object.fromEntries(fields.map(field => [field, item[field]]))
const plain = (fields: object): Row =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/** The quote service has acted on the stream: what others append alone makes no row until it does. */
const isQuotes = ({ eventType, takenIn }: Item) =>
  takenIn === true ||
  [quotes.QuoteApproved, quotes.QuoteCompleted, quotes.QuoteRejected].some(({ type }) => type === eventType)

/** What the policy service has done: what others publish of policies is none of its. */
function foldPolicy(stream: readonly Item[]): Row | undefined {
  let policy: Row | undefined
  for (const event of stream.filter(isBy('policy'))) {
    const { type, body } = messageOf(event)
    if (type === policies.PolicyCreated.type) policy = { status: 'ACTIVE', policyID: String(body['policyID']) }
    else if (type === policies.PolicyCancelled.type)
      policy = { status: 'CANCELLED', policyID: String(body['policyID']) }
    else if (type === policies.PolicyCreationFailed.type) policy ??= { status: 'REFUSED' }
  }
  return policy
}

/** What the customer service has done. */
function foldUpdate(stream: readonly Item[]): Row | undefined {
  let update: Row | undefined
  for (const event of stream.filter(isBy('customer-update'))) {
    const { type, body } = messageOf(event)
    const customerId = String(body['customerId'])
    if (type === customers.CustomerPolicyCountUpdated.type) update = { status: 'COUNTED', customerId }
    else if (type === customers.CustomerPolicyCountReverted.type) update = { status: 'UNCOUNTED', customerId }
    else if (type === customers.CustomerPolicyCountUpdateFailed.type) update ??= { status: 'REFUSED', customerId }
  }
  return update
}

/** What was taken in has an id that another made. */
const isBy = (aggregate: string) => (event: Item) =>
  event['takenIn'] !== true && (event['eventID'] as string).startsWith(`${aggregate}:`)
