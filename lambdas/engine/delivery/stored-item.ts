/**
 * How an aggregate is kept: one flat item that holds its state, its version, the ids of the messages that the last
 * commit handled, and what that commit caused, compact enough to be published again word for word.
 */
import type { Aggregate, AnyAggregate } from '../model/aggregate.ts'
import type { Item, Row, Value } from '../model/ports.ts'

/** A message that a commit decided to send. Its id is `<type>:<key>.<version>.<n>`. */
export interface Sent {
  readonly version: number
  readonly n: number
  readonly type: string
  readonly body: Readonly<Record<string, unknown>>
  /** The id of the handled message that caused it. */
  readonly cause: string
}

/** A row that a commit decided to write. */
export interface SentRow extends Row {
  readonly cause: string
}

export interface Caused {
  readonly sent: readonly Sent[]
  readonly rows: readonly SentRow[]
}

export interface Stored<State> extends Caused {
  readonly state: State
  readonly version: number
  readonly handled: readonly string[]
  /** When it was committed: milliseconds since 1970. The time of the messages that it caused. */
  readonly committedAt: number
  /** The version that brought this state about, where a later one only mended what was published: answers' ids are made of it. */
  readonly stateVersion?: number
  /** The action that mended it: so no two of them write the same item, and each is known to be committed or not. */
  readonly mendedBy?: string
  /** The item as it was read: what the next commit is conditioned on. */
  readonly item: Item
}

/** What the engine keeps in an item beside the state; a state has no fields of these names. */
const ENGINE_FIELDS = [
  'version',
  'stateVersion',
  'mendedBy',
  'handled',
  'caused',
  'committedAt',
  'publishByChangeFeed',
] as const

type Packed = {
  /** Messages: n, type, body, which of the handled ids caused it, and its version where that is not the item's. */
  m?: [n: number, type: string, body: Record<string, unknown>, cause: number, version?: number][]
  /** Rows: table, item, cause, and the names of its key's fields. */
  r?: [table: string, item: Item, cause: number, key: string[]][]
}

/** The id of the `n`th message of a commit: the same, whenever it is published. */
export const messageIdOf = (aggregate: Pick<AnyAggregate, 'type'>, key: string, version: number, n: number) =>
  `${aggregate.type}:${key}.${version}.${n}`

export function itemKeyOf(aggregate: Pick<AnyAggregate, 'table' | 'itemKey'>, key: string) {
  return { table: aggregate.table.name, key: { [aggregate.table.partition]: aggregate.itemKey?.(key) ?? key } }
}

export function packItem<State extends object>(
  aggregate: Aggregate<State>,
  key: string,
  stored: Omit<Stored<State>, 'item'>,
  publishByChangeFeed?: true,
): Item {
  const at = new Map(stored.handled.map((id, i) => [id, i]))
  const causeOf = (id: string) => at.get(id) ?? 0
  const packed: Packed = {
    ...(stored.sent.length > 0 && {
      m: stored.sent.map(s => [
        s.n,
        s.type,
        s.body as Record<string, unknown>,
        causeOf(s.cause),
        ...(s.version === stored.version ? [] : ([s.version] as const)),
      ]) as Packed['m'],
    }),
    ...(stored.rows.length > 0 && {
      r: stored.rows.map(r => [r.ref.table, r.item, causeOf(r.cause), Object.keys(r.ref.key)]),
    }),
  }
  const fields: Record<string, Value | undefined> = {
    ...(stored.state as Record<string, Value | undefined>),
    ...aggregate.indexed?.(stored.state, key),
    ...itemKeyOf(aggregate, key).key,
    version: stored.version,
    stateVersion: stored.stateVersion,
    mendedBy: stored.mendedBy,
    handled: stored.handled,
    committedAt: stored.committedAt,
    caused: packed.m || packed.r ? JSON.stringify(packed) : undefined,
    publishByChangeFeed,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Item
}

export function unpackItem<State>(item: Item): Stored<State> {
  const state: Record<string, Value> = { ...item }
  for (const field of ENGINE_FIELDS) delete state[field]
  const version = Number(item['version'] ?? 0)
  const handled = (item['handled'] ?? []) as readonly string[]
  const packed = (item['caused'] === undefined ? {} : JSON.parse(item['caused'] as string)) as Packed
  return {
    state: state as State,
    version,
    handled,
    committedAt: Number(item['committedAt'] ?? 0),
    ...(item['stateVersion'] !== undefined && { stateVersion: Number(item['stateVersion']) }),
    item,
    sent: (packed.m ?? []).map(([n, type, body, cause, of]) => ({
      n,
      type,
      body,
      cause: handled[cause] ?? '',
      version: of ?? version,
    })),
    rows: (packed.r ?? []).map(([table, row, cause, key]) => ({
      ref: { table, key: Object.fromEntries(key.map(field => [field, row[field] as string | number])) },
      item: row,
      cause: handled[cause] ?? '',
    })),
  }
}
