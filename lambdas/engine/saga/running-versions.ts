/** Which versions of a saga's definition still have running sagas: what must be known before one is taken away. */
import { unpackItem } from '../delivery/stored-item.ts'
import { pagesOf } from '../delivery/pages.ts'
import type { Store } from '../model/ports.ts'
import type { SagaState } from './state.ts'
import { sagasTable } from './saga-tables.ts'
import { WAKE_SHARDS, wakePartitionOf } from './wake-index.ts'

/** A saga in one of these has not ended. */
export const OPEN_STATUSES = ['RUNNING', 'COMPENSATING', 'STUCK'] as const
export type OpenStatus = (typeof OPEN_STATUSES)[number]

/** The sagas of one version that have not ended. */
export interface RunningVersion {
  readonly version: number
  readonly counts: Readonly<Record<OpenStatus, number>>
  /** The ids of some of them. */
  readonly examples: readonly string[]
}

/** Sagas of one page of the index; as many are read at once. */
const PAGE = 100
const EXAMPLES_MAX = 5
/** A saga moves on while it is looked for: `RUNNING` to the right, and an operator brings it back from STUCK. */
const LOOKED_AT = ['STUCK', ...OPEN_STATUSES] as const

/**
 * Counts a saga's open instances by version, the latest first, by the index `byStatus`: versions that have none are left
 * out. The index is a moment behind, so a saga that has just begun may be missing. Throws RetryableError.
 */
export async function countRunning(store: Pick<Store, 'query' | 'read'>, saga: string): Promise<RunningVersion[]> {
  const open = new Map<string, Pick<SagaState, 'definition' | 'status'>>()
  for (const status of LOOKED_AT) {
    const shards = Array.from({ length: WAKE_SHARDS }, (_, shard) => wakePartitionOf(saga, status, shard))
    const found = await Promise.all(shards.map(partition => readPartition(store, partition)))
    for (const [key, state] of found.flat()) open.set(key, state)
  }
  const versions = Map.groupBy(open, ([, { definition }]) => definition)
  return [...versions]
    .map(([version, of]) => ({
      version,
      counts: Object.fromEntries(
        OPEN_STATUSES.map(status => [status, of.filter(([, state]) => state.status === status).length]),
      ) as Record<OpenStatus, number>,
      examples: of.slice(0, EXAMPLES_MAX).map(([key]) => key.slice(saga.length + 1)),
    }))
    .toSorted((a, b) => b.version - a.version)
}

export const sumOf = ({ counts }: Pick<RunningVersion, 'counts'>): number =>
  OPEN_STATUSES.reduce((sum, status) => sum + counts[status], 0)

async function readPartition(
  store: Pick<Store, 'query' | 'read'>,
  partition: string,
): Promise<[key: string, state: SagaState][]> {
  const found: [string, SagaState][] = []
  const query = {
    table: sagasTable.name,
    index: 'byStatus',
    partition: { field: 'wakePartition', value: partition },
    limit: PAGE,
  }
  for await (const page of pagesOf(store, query)) {
    // The index holds keys alone, and lags behind: the items themselves hold the version, and whether they have ended.
    const items = await store.read(
      page.map(item => ({ table: sagasTable.name, key: { sagaKey: item['sagaKey'] as string } })),
    )
    for (const item of items) {
      const state = item && unpackItem<SagaState>(item).state
      if (state && isOpen(state)) found.push([item['sagaKey'] as string, state])
    }
  }
  return found
}

const isOpen = ({ status }: SagaState) => (OPEN_STATUSES as readonly string[]).includes(status)
