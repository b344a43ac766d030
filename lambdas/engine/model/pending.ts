import type { TableIndex } from './aggregate.ts'
import { shardOf } from './shard.ts'

/** Where what is pending is found: a sparse index over a few partitions, so that none is hot, sorted by since when it waits. */
export interface PendingIndex {
  readonly index: TableIndex & { readonly sort: NonNullable<TableIndex['sort']> }
  readonly partitions: readonly string[]
  /** The sort key of what has waited since then: milliseconds since 1970. */
  since(ms: number): string | number
}

const SHARDS = 8

/**
 * An index `pending`. Its aggregate's `indexed` gives `pendingShard` for what is pending, by `pendingShard(key)`, and nothing
 * for the rest; `since` is a field of the state: when it was made, ISO 8601 in UTC.
 */
export const pendingIndex = (since: string): PendingIndex => ({
  index: { name: 'pending', partition: 'pendingShard', sort: { name: since, type: 'string' } },
  partitions: Array.from({ length: SHARDS }, (_, shard) => String(shard)),
  since: ms => new Date(ms).toISOString(),
})

export const pendingShard = (key: string) => String(shardOf(key, SHARDS))
