/** Sagas by kind and status, from the index `byStatus`: never a scan. */
import type { Store } from '#engine/model/ports.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import type { SagaStatus } from '#engine/saga/state.ts'
import { WAKE_SHARDS, wakePartitionOf } from '#engine/saga/wake-index.ts'
import * as z from 'zod'

/** An entry of the index; its partition is the group's and the shard's. */
const Entry = z.tuple([z.string(), z.number()])
type Entry = z.infer<typeof Entry>

/** Where a page ended: the group, and the last entry of each of its shards that was shown. */
export const Position = z.object({ group: z.int().min(0), shards: z.array(Entry.nullable()).length(WAKE_SHARDS) })
export type Position = z.infer<typeof Position>

export interface Group {
  readonly saga: string
  readonly status: SagaStatus
}

/** The next keys of the groups in their order, the latest of each first, and where to go on. Throws RetryableError. */
export async function nextSagas(
  store: Pick<Store, 'query'>,
  groups: readonly Group[],
  { limit, after }: { readonly limit: number; readonly after: Position | undefined },
): Promise<{ keys: { group: Group; sagaKey: string }[]; next?: Position }> {
  const keys: { group: Group; sagaKey: string }[] = []
  let position = after ?? begin(0)
  while (position.group < groups.length) {
    const group = groups[position.group] as Group
    // One more than is asked for says whether there is a next page.
    const wanted = limit - keys.length + 1
    const shards = await Promise.all(
      position.shards.map((last, shard) => nextOfShard(store, group, shard, last ?? undefined, wanted)),
    )
    const merged = shards
      .flatMap((entries, shard) => entries.map(entry => ({ entry, shard })))
      .sort((a, b) => b.entry[1] - a.entry[1])
    const lasts = [...position.shards]
    for (const { entry, shard } of merged) {
      if (keys.length === limit) return { keys, next: { group: position.group, shards: lasts } }
      keys.push({ group, sagaKey: entry[0] })
      lasts[shard] = entry
    }
    position = begin(position.group + 1)
  }
  return { keys }
}

const begin = (group: number): Position => ({ group, shards: Array.from({ length: WAKE_SHARDS }, () => null) })

async function nextOfShard(
  store: Pick<Store, 'query'>,
  { saga, status }: Group,
  shard: number,
  after: Entry | undefined,
  limit: number,
): Promise<Entry[]> {
  const wakePartition = wakePartitionOf(saga, status, shard)
  const { items } = await store.query({
    table: sagasTable.name,
    index: 'byStatus',
    partition: { field: 'wakePartition', value: wakePartition },
    descending: true,
    limit,
    ...(after && { after: { sagaKey: after[0], wakePartition, wakeAt: after[1] } }),
  })
  return items.map(({ sagaKey, wakeAt }) => Entry.parse([sagaKey, wakeAt]))
}
