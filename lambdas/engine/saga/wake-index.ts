/** Where the sweeper finds what is due, and a search finds sagas by status: the index `byStatus`. */
import { shardOf } from '../model/shard.ts'
import type { SagaStatus } from './state.ts'

/** Partitions of the index for each saga and status: enough that none is hot. */
export const WAKE_SHARDS = 8

export const wakePartition = (saga: string, status: SagaStatus, id: string): string =>
  wakePartitionOf(saga, status, shardOf(id, WAKE_SHARDS))

export const wakePartitionOf = (saga: string, status: SagaStatus, shard: number) => `${saga}#${status}#${shard}`
