import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import {
  type _Record,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams'
import type { LocalFunction } from '../functions/function.ts'
import { deliver, type DeliveryPorts, type GivenUp } from '../sources/delivery.ts'
import { matches } from '../sources/pattern.ts'
import { sleep } from '../sources/sleep.ts'
import type { StreamSourcePlan } from '../template/plan-types.ts'
import { type StreamRecord, streamRecord } from './event.ts'
import { openPositions } from './positions.ts'

/** One event source mapping of a table's stream. */
export interface StreamSource {
  readonly functionName: string
  readonly table: string
  stop(): Promise<void>
}

export interface StreamSourcePorts extends Pick<DeliveryPorts<StreamRecord>, 'serversUp'> {
  readonly dynamodb: DynamoDBClientConfig
  readonly streamArn: string
  readonly fn: LocalFunction
  /** The file that keeps how far it has read. */
  readonly positionsFile: string
  show(line: string): void
}

/** Milliseconds between looks at a shard that had nothing new. */
const IDLE_MS = 100
/** Milliseconds between looks for new shards. */
const SHARDS_EVERY_MS = 5000
/** The same while it follows none: a new table's shard comes a moment later. */
const NO_SHARDS_MS = 100
const AFTER_ERROR_MS = 500

/** Follows every shard of the stream, parents before their children, from where it was left. Starts at once. */
export function startStreamSource(plan: StreamSourcePlan, ports: StreamSourcePorts): StreamSource {
  const client = new DynamoDBStreamsClient(ports.dynamodb)
  const positions = openPositions(ports.positionsFile, ports.streamArn)
  const stopping = new AbortController()
  const isStopping = () => stopping.signal.aborted
  const following = new Map<string, Promise<void>>()
  let complained = 0

  async function watchShards() {
    while (!isStopping()) {
      await trying(async () => {
        const shards = await shardsOf(client, ports.streamArn)
        for (const shard of shards) followIfDue(shard, shards)
      })
      await sleep(following.size > 0 ? SHARDS_EVERY_MS : NO_SHARDS_MS, stopping.signal)
    }
  }

  /** A child begins where its parent ended: not before everything of the parent is handled. */
  function followIfDue({ ShardId, ParentShardId }: Shard, shards: readonly Shard[]) {
    if (ShardId === undefined || following.has(ShardId) || positions.finished(ShardId)) return
    const parentIsThere = shards.some(shard => shard.ShardId === ParentShardId)
    if (ParentShardId !== undefined && parentIsThere && !positions.finished(ParentShardId)) return
    following.set(
      ShardId,
      follow(ShardId).finally(() => following.delete(ShardId)),
    )
  }

  async function follow(shardId: string) {
    let iterator: string | undefined
    while (!isStopping()) {
      const read = await trying(async () => {
        iterator ??= await iteratorOf(client, plan, ports.streamArn, shardId, positions.after(shardId))
        return await client.send(
          new GetRecordsCommand({ ShardIterator: iterator, Limit: Math.min(1000, plan.batchSize) }),
        )
      })
      if (!read) {
        // An iterator may have grown too old, or been of a server that is no more.
        iterator = undefined
        continue
      }
      const records = read.Records ?? []
      if (records.length > 0 && !(await handle(shardId, records))) return
      iterator = read.NextShardIterator
      if (iterator === undefined) return positions.finish(shardId)
      if (records.length === 0) await sleep(IDLE_MS, stopping.signal)
    }
  }

  /** False when it is being stopped before everything was handled. */
  async function handle(shardId: string, records: readonly _Record[]): Promise<boolean> {
    const changes = records.map(record => streamRecord(record, ports.streamArn))
    const wanted = changes.filter(
      change => plan.filters.length === 0 || plan.filters.some(filter => matches(filter, change)),
    )
    const last = changes.at(-1)
    let pending: readonly StreamRecord[] = wanted
    await deliver(wanted, plan, {
      ...deliveryPorts(plan, ports, stopping.signal),
      stopping: isStopping,
      settled: left => {
        pending = left
        const before = handledBefore(changes, left)
        if (before !== undefined) positions.handled(shardId, before)
      },
    })
    if (pending.length > 0) return false
    if (last) positions.handled(shardId, last.dynamodb.SequenceNumber)
    return true
  }

  /** Undefined after an error: DynamoDB Local is away or is starting again. */
  async function trying<Result>(attempt: () => Promise<Result>): Promise<Result | undefined> {
    try {
      await ports.serversUp()
      const result = await attempt()
      complained = 0
      return result
    } catch (error) {
      complained += 1
      if (complained === 10) ports.show(`the stream of ${plan.table} can't be read: ${String(error)}`)
      await sleep(AFTER_ERROR_MS, stopping.signal)
      return undefined
    }
  }

  const watching = watchShards()
  return {
    functionName: plan.functionName,
    table: plan.table,
    async stop() {
      stopping.abort()
      await watching
      await Promise.all(following.values())
      client.destroy()
    },
  }
}

/** The last change before the first that is pending. */
function handledBefore(changes: readonly StreamRecord[], pending: readonly StreamRecord[]): string | undefined {
  const [first] = pending
  const index = first ? changes.indexOf(first) - 1 : changes.length - 1
  return changes[index]?.dynamodb.SequenceNumber
}

async function shardsOf(client: DynamoDBStreamsClient, streamArn: string): Promise<Shard[]> {
  const shards: Shard[] = []
  let after: string | undefined
  do {
    const { StreamDescription } = await client.send(
      new DescribeStreamCommand({ StreamArn: streamArn, ...(after !== undefined && { ExclusiveStartShardId: after }) }),
    )
    shards.push(...(StreamDescription?.Shards ?? []))
    after = StreamDescription?.LastEvaluatedShardId
  } while (after !== undefined)
  return shards
}

async function iteratorOf(
  client: DynamoDBStreamsClient,
  plan: StreamSourcePlan,
  streamArn: string,
  shardId: string,
  after: string | undefined,
): Promise<string> {
  const shard = { StreamArn: streamArn, ShardId: shardId }
  const get = async (
    position:
      | { ShardIteratorType: 'TRIM_HORIZON' | 'LATEST' }
      | { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER'; SequenceNumber: string },
  ) => {
    const { ShardIterator } = await client.send(new GetShardIteratorCommand({ ...shard, ...position }))
    if (ShardIterator === undefined) throw new Error(`DynamoDB Local gives no iterator for ${shardId}`)
    return ShardIterator
  }
  if (after === undefined) return get({ ShardIteratorType: plan.startingPosition })
  try {
    return await get({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after })
  } catch (error) {
    // A stream forgets after 24 hours: what comes after the position begins with what is left.
    if (error instanceof TrimmedDataAccessException) return get({ ShardIteratorType: 'TRIM_HORIZON' })
    throw error
  }
}

function deliveryPorts(plan: StreamSourcePlan, ports: StreamSourcePorts, stopping: AbortSignal) {
  return {
    invoke: (records: readonly StreamRecord[]) => ports.fn.invoke({ Records: records }),
    identify: ({ dynamodb }: StreamRecord) => dynamodb.SequenceNumber,
    reported: (itemIdentifier: unknown) => (typeof itemIdentifier === 'string' ? itemIdentifier : undefined),
    fromFirstReported: true,
    createdAt: ({ dynamodb }: StreamRecord) => dynamodb.ApproximateCreationDateTime * 1000,
    giveUp: async (records: readonly StreamRecord[], why: GivenUp) => {
      const error = why.error instanceof Error ? why.error.message : String(why.error)
      ports.show(
        `${plan.functionName} gave up on ${records.length} changes of ${plan.table} (${why.condition}): ${error}`,
      )
    },
    now: Date.now,
    pause: (ms: number) => sleep(ms, stopping),
    serversUp: ports.serversUp,
  }
}
