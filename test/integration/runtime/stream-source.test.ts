import { join } from 'node:path'
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, describe, expect, it } from 'vitest'
import { localClient } from '../../../localstack/runtime/dynamodb/client.ts'
import type { StreamRecord } from '../../../localstack/runtime/dynamodb/event.ts'
import { type StreamSource, startStreamSource } from '../../../localstack/runtime/dynamodb/stream-source.ts'
import { createTables } from '../../../localstack/runtime/dynamodb/tables.ts'
import type { StreamSourcePlan, TablePlan } from '../../../localstack/runtime/template/plan-types.ts'
import { temporaryFolder } from '../../unit/runtime/temporary.ts'
import { localFunction } from '../../support/local-function.ts'
import { sharedServers, unique } from '../../support/servers.ts'

const { endpoint } = sharedServers()
const client = new DynamoDBClient(localClient(endpoint))
const running: StreamSource[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(source => source.stop()))
})

const tablePlan = (name: string, sort?: string): TablePlan => ({
  name,
  expires: 'expiresAt',
  create: {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      ...(sort ? [{ AttributeName: sort, AttributeType: 'S' as const }] : []),
    ],
    ...(sort && {
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byOwner',
          KeySchema: [{ AttributeName: sort, KeyType: 'HASH' as const }],
          Projection: { ProjectionType: 'KEYS_ONLY' as const },
        },
      ],
    }),
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  },
})

/** A table of its own, and a source that hands its changes to `handler`. */
async function source(
  handler: (records: readonly StreamRecord[]) => unknown,
  settings: Partial<StreamSourcePlan> = {},
) {
  const table = `${unique('stream')}t`
  const streams = await createTables(endpoint, [tablePlan(table)])
  const streamArn = streams.get(table)
  if (streamArn === undefined) throw new Error('the table has no stream')
  const plan: StreamSourcePlan = {
    functionName: 'relay',
    table,
    batchSize: 100,
    windowSeconds: 0,
    filters: [{ eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage: { publishByChangeFeed: { BOOL: [true] } } } }],
    startingPosition: 'TRIM_HORIZON',
    bisects: true,
    retryAttemptsMax: -1,
    recordAgeSecondsMax: -1,
    reportsItemFailures: true,
    ...settings,
  }
  const seen: StreamRecord[] = []
  const fn = localFunction('relay', async event => {
    const { Records } = event as { Records: readonly StreamRecord[] }
    const answer = await handler(Records)
    seen.push(...Records)
    return answer
  })
  const positionsFile = join(temporaryFolder(), 'streams', 'relay.json')
  const start = () => {
    const started = startStreamSource(plan, {
      dynamodb: localClient(endpoint),
      streamArn,
      fn,
      positionsFile,
      serversUp: async () => {},
      show: () => {},
    })
    running.push(started)
    return started
  }
  const put = (id: string, byFeed = true) =>
    client.send(
      new PutItemCommand({ TableName: table, Item: { id: { S: id }, publishByChangeFeed: { BOOL: byFeed } } }),
    )
  return { table, streamArn, seen, start, put }
}
const ids = (records: readonly StreamRecord[]) =>
  records.map(({ dynamodb }) => (dynamodb.NewImage as { id: { S: string } }).id.S)

describe('a stream event source', () => {
  it('hands over matching changes, in order, in the shape that Lambda gives them', async () => {
    const { start, put, seen, table, streamArn } = await source(() => undefined)
    await put('before')
    start()
    await put('not ours', false)
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { id: { S: 'before' } },
        UpdateExpression: 'SET #b = :b',
        ExpressionAttributeNames: { '#b': 'bytes' },
        ExpressionAttributeValues: { ':b': { B: Buffer.from('x') } },
      }),
    )
    await expect.poll(() => seen.length, { timeout: 5000 }).toBe(2)
    expect(seen[0]).toMatchObject({
      eventName: 'INSERT',
      eventSource: 'aws:dynamodb',
      eventSourceARN: streamArn,
      dynamodb: {
        Keys: { id: { S: 'before' } },
        NewImage: { id: { S: 'before' }, publishByChangeFeed: { BOOL: true } },
        StreamViewType: 'NEW_IMAGE',
      },
    })
    expect(seen[0]?.eventSourceARN).toContain(`:table/${table}/stream/`)
    expect(seen[1]).toMatchObject({ eventName: 'MODIFY', dynamodb: { NewImage: { bytes: { B: 'eA==' } } } })
    const created = seen[0]?.dynamodb.ApproximateCreationDateTime ?? 0
    expect(Math.abs(Date.now() / 1000 - created)).toBeLessThan(120)
  })

  it('delivers again from the first change that is reported as failed', async () => {
    let calls = 0
    const batches: string[][] = []
    const { start, put } = await source(records => {
      batches.push(ids(records))
      calls += 1
      return calls === 1 ? { batchItemFailures: [{ itemIdentifier: records[1]?.dynamodb.SequenceNumber }] } : undefined
    })
    for (const id of ['a', 'b', 'c']) await put(id)
    start()
    await expect
      .poll(() => batches, { timeout: 5000 })
      .toEqual([
        ['a', 'b', 'c'],
        ['b', 'c'],
      ])
  })

  it('goes on where it was when it is started again', async () => {
    const { start, put, seen } = await source(() => undefined)
    const first = start()
    await put('one')
    await expect.poll(() => ids(seen), { timeout: 5000 }).toEqual(['one'])
    await first.stop()
    await put('two')
    start()
    await expect.poll(() => ids(seen), { timeout: 5000 }).toEqual(['one', 'two'])
  })

  it('takes up what was not handled when it was stopped', async () => {
    let works = false
    const { start, put, seen } = await source(() => {
      if (!works) throw new Error('Kafka is away')
    })
    const first = start()
    await put('one')
    await new Promise(resolve => setTimeout(resolve, 300))
    await first.stop()
    works = true
    start()
    await expect.poll(() => ids(seen), { timeout: 5000 }).toEqual(['one'])
  })
})

describe('tables', () => {
  it('that are there keep their items', async () => {
    const name = `${unique('table')}t`
    await createTables(endpoint, [tablePlan(name, 'owner')])
    const again = await createTables(endpoint, [tablePlan(name, 'owner')])
    expect(again.get(name)).toContain(`:table/${name}/stream/`)
  })

  it('that are there with another shape are an error that names both', async () => {
    const name = `${unique('table')}t`
    await createTables(endpoint, [tablePlan(name, 'owner')])
    await expect(createTables(endpoint, [tablePlan(name)])).rejects.toThrow(/byOwner by owner.*STATE_DIR/)
  })
})
