/**
 * What the shell needs from the world. Two adapters each: real (`adapters/dynamodb`, `adapters/kafka`) and memory
 * (`adapters/memory`); one contract suite (`test/integration/contract`) holds both to the same behaviour.
 */

/** A JSON-like value as a table keeps it. No `undefined`, no `Date`, no binary. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [field: string]: Value }
export type Item = { readonly [field: string]: Value }
export type Key = { readonly [field: string]: string | number }

/** Milliseconds since 1970, UTC. */
export interface Clock {
  now(): number
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>
}

/** One item of one table, by its primary key. `table` is the catalog's name (`orders`), not the physical one. */
export interface Ref {
  readonly table: string
  readonly key: Key
}

/** What commits in one transaction: DynamoDB's limit. */
export const TRANSACTION_ITEMS_MAX = 100
/** Writes that can commit with an item. */
export const ALONGSIDE_MAX = TRANSACTION_ITEMS_MAX - 1
/** A conditional write that must commit with the item, or not at all. At most `ALONGSIDE_MAX` a commit. */
export type Alongside =
  | {
      readonly kind: 'add'
      readonly ref: Ref
      /** Added to the fields' numbers; negative to take away. */
      readonly add: { readonly [field: string]: number }
      /** Fields that must be at least this much before the change. The item must exist in any case. */
      readonly atLeast?: { readonly [field: string]: number }
      /** Fields that must be exactly this before the change: for a number that is set, not added to. */
      readonly equals?: { readonly [field: string]: number }
    }
  | {
      /** A new item; the condition is that there is none. */
      readonly kind: 'insert'
      readonly ref: Ref
      readonly item: Item
    }

/** One aggregate's new state: written only if the stored item is still `previous` (by its `version`), or absent. */
export interface Commit {
  readonly ref: Ref
  /** The item as it was read; undefined: there must be none. */
  readonly previous: Item | undefined
  /** The whole new item, key and `version` included. Fields of `previous` that are not here are removed. */
  readonly item: Item
  readonly alongside?: readonly Alongside[]
}

export type CommitResult =
  | { readonly outcome: 'committed' }
  /** A condition did not hold, and what is there is not what was to be written. `present`: the item as it is now. `alongside`: the refs whose conditions failed, with what is there. */
  | {
      readonly outcome: 'lost'
      readonly present: Item | undefined
      readonly alongside: readonly { readonly ref: Ref; readonly present: Item | undefined }[]
    }
  /** Not written, try again later: throttled, conflicting, away. */
  | { readonly outcome: 'failed'; readonly error: Error }
  /** Can never be written: the item is larger than a table takes. */
  | { readonly outcome: 'impossible'; readonly error: Error }

/** A row that a commit causes: written as it is, over whatever is there (the same row may be written twice). */
export interface Row {
  readonly ref: Ref
  readonly item: Item
}

export interface Query {
  readonly table: string
  /** An index of the table; the table itself if left out. */
  readonly index?: string
  readonly partition: { readonly field: string; readonly value: string }
  /** Bounds on the sort key, both inclusive. */
  readonly sort?: { readonly field: string; readonly from?: string | number; readonly to?: string | number }
  readonly descending?: boolean
  readonly limit: number
  /** Where the last page ended: `next` of its answer. */
  readonly after?: Key
}

export interface Store {
  /**
   * Strongly consistent, in the order asked; undefined where there is no item. Any number of refs, duplicates allowed.
   * `only`: these top-level fields beside the key, of each item; all of it unless given. Throws RetryableError.
   */
  read(refs: readonly Ref[], only?: readonly string[]): Promise<(Item | undefined)[]>
  /** Each commit on its own: one that fails does not touch the others. A ref may appear once a call. Results in order. Throws only what concerns all of them (RetryableError). */
  commit(commits: readonly Commit[]): Promise<CommitResult[]>
  /** All rows or a RetryableError. */
  writeRows(rows: readonly Row[]): Promise<void>
  /** One page of a table or an index, eventually consistent on an index. Throws RetryableError. */
  query(query: Query): Promise<{ items: Item[]; next?: Key }>
}

/** Of a record. Kafka keeps their order, takes a name any number of times, and tells no value (`null`) from an empty one. */
export interface Header {
  readonly name: string
  readonly value: Uint8Array | null
}

/** A record to publish, on its way out. Header values are UTF-8 text. */
export interface OutgoingRecord {
  /** The topic without the environment's prefix. */
  readonly topic: string
  readonly key: string | Uint8Array | null
  readonly value: string | Uint8Array | null
  readonly headers: { readonly [name: string]: string | Uint8Array }
  /** Of a record that is passed on: its own headers, as they were. They are written before `headers`. */
  readonly keptHeaders?: readonly Header[]
}

export interface Publisher {
  /** Resolves when every record is acknowledged by all replicas; records of one key and topic keep their order. Throws RetryableError. */
  publish(records: readonly OutgoingRecord[]): Promise<void>
}

/** One value of a metric. Those of one name, unit and dimensions are one series. */
export interface Measure {
  readonly name: string
  readonly value: number
  readonly unit: 'Count' | 'Milliseconds'
  readonly dimensions: { readonly [field: string]: string }
}

export interface Log {
  /** `fields`: sagaId, messageId, type … never secrets, never message bodies. */
  info(message: string, fields?: { readonly [field: string]: unknown }): void
  warn(message: string, fields?: { readonly [field: string]: unknown }): void
  error(message: string, fields?: { readonly [field: string]: unknown }): void
  /** Counts something: `duplicates`, `lostConditions`, `ignored`, `deadLetters` … */
  count(metric: string, value?: number, dimensions?: { readonly [field: string]: string }): void
  /** Many values at once: `sagasStarted`, `stepLatency` … */
  measure(measures: readonly Measure[]): void
}
