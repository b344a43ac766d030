/**
 * A commit that came over HTTP. It talks to no broker: the mark `publishByChangeFeed` lets the table's change feed through to the outbox
 * relay, which publishes what the item remembers.
 */
import type { Aggregate, OutgoingMessage } from '../model/aggregate.ts'
import { RetryableError } from '../model/errors.ts'
import type { Alongside, Item, Store } from '../model/ports.ts'
import { checkPublished } from './check-published.ts'
import { itemKeyOf, packItem } from './stored-item.ts'

export interface HttpCommit<State extends object> {
  readonly store: Store
  readonly aggregate: Aggregate<State>
  readonly key: string
  /** The item as it was read, where one is changed; left out, there must be none. */
  readonly previous?: Item
  readonly state: State
  readonly publish: readonly OutgoingMessage[]
  /** Conditional writes that commit with it. */
  readonly alongside?: readonly Alongside[]
  /** Milliseconds since 1970. */
  readonly now: number
}

export type HttpCommitted =
  | { readonly outcome: 'created'; readonly item: Item }
  /** There is another: nothing was written. */
  | { readonly outcome: 'exists'; readonly item: Item }

/** Writes the aggregate's item if there is none, or if it is still the `previous` one. Throws RetryableError when the table is away, its own error for an item that is too large, and ContractError for a message that its receivers would refuse. */
export async function commitFromHttp<State extends object>(commit: HttpCommit<State>): Promise<HttpCommitted> {
  const { store, aggregate, key, previous, state, publish, alongside = [], now } = commit
  checkPublished(publish)
  const version = Number(previous?.['version'] ?? 0) + 1
  const stored = {
    state,
    version,
    handled: [],
    sent: publish.map((outgoing, n) => ({ version, n, type: outgoing.message.type, body: outgoing.body, cause: '' })),
    rows: [],
    committedAt: now,
  }
  const item = packItem(aggregate, key, stored, publish.length > 0 ? true : undefined)
  const ref = itemKeyOf(aggregate, key)
  const [result] = await store.commit([{ ref, previous, item, ...(alongside.length > 0 && { alongside }) }])
  switch (result?.outcome) {
    case 'committed':
      return { outcome: 'created', item }
    case 'lost': {
      if (result.present) return { outcome: 'exists', item: result.present }
      throw new RetryableError(`${aggregate.type} ${key} was there and is gone`, { code: 'CONTENTION', sagaId: key })
    }
    case 'failed':
    case 'impossible':
      throw result.error
    case undefined:
      throw new Error('the store gave no result')
  }
}
