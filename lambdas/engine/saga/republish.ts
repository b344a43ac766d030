/** What a service declares as pending, so that the loss of its first message by a change feed is found. */
import type { AnyAggregate } from '../model/aggregate.ts'
import type { MessageType } from '../model/messages.ts'
import type { PendingIndex } from '../model/pending.ts'

/** `http: { republish: … }` of a service: what of its items waits for a saga to begin, and where that is found. */
export interface Republish {
  /** The fields of an item that waits: `{ status: 'PENDING' }`. */
  readonly while: Readonly<Record<string, string | number | boolean>>
  /** An index of the aggregate's table: `pendingIndex('createdAt')`. */
  readonly index: PendingIndex
  /** The message that begins it, as it was published. Left out: what the item's last commit published. Undefined: there is none to be published. */
  first?(item: { readonly key: string; readonly state: object }): FirstMessage | undefined
  /**
   * For a domain without a saga, where nobody else keeps time: `first` is published again whenever it `isDue`, by its age,
   * at most once a minute, and not while it is a dead letter. Past `endsAfterMs` it ends when `first` comes again, so then
   * it is published whatever became of it. Who has a saga is seen to when that has not begun.
   */
  readonly withoutSaga?: { readonly afterMs: number; readonly endsAfterMs: number; isDue(ageMs: number): boolean }
}

export interface FirstMessage {
  readonly id: string
  readonly message: MessageType
  readonly body: Readonly<Record<string, unknown>>
  /** When it was published first: milliseconds since 1970. */
  readonly time: number
}

/** What the catalog makes of a declaration. */
export interface Pending {
  readonly aggregate: AnyAggregate
  readonly republish: Republish
  /** The sagas that its first message begins; none: nobody orchestrates. */
  readonly sagas: readonly string[]
  /** They are driven by an event store: they are woken up, and read there what they have missed. */
  readonly byEventStore: boolean
}
