/** `quotes replay`: reads the event store, fills fresh tables from it, and compares what they hold with the present ones. */
import {
  CreateTableCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb'
import { documentClient } from '#engine/adapters/dynamodb/documents.ts'
import { dynamoDbStore } from '#engine/adapters/dynamodb/store.ts'
import { fromStoredItem } from '#engine/adapters/dynamodb/documents.ts'
import { systemClock } from '#engine/adapters/node/clock.ts'
import type { Item, Log } from '#engine/model/ports.ts'
import {
  differences,
  type Difference,
  type Model,
  modelKeys,
  present,
  type ReadModels,
  rebuild,
  type Row,
} from '../../lambdas/services/quote/replay.ts'
import { clientAt, readable, type TablesAt } from './dynamodb.ts'

export interface ReplayOptions extends TablesAt {
  /** Keep the fresh tables. */
  readonly keep: boolean
  readonly progress: (text: string) => void
}

export interface Replayed {
  readonly events: number
  readonly streams: number
  readonly rows: Readonly<Record<Model, { readonly rebuilt: number; readonly present: number }>>
  readonly differences: readonly Difference[]
  /** The fresh tables' names. */
  readonly tables: readonly string[]
}

const models = Object.keys(modelKeys) as Model[]
/** Differences that are looked at again before they are believed: the system may be at work. */
const LOOKS_MAX = 3
const LOOK_AGAIN_MS = 1000

/** Throws ApiError if there is no event store, or nobody answers. */
export async function replayQuotes({ keep, progress, ...where }: ReplayOptions): Promise<Replayed> {
  const { prefix } = where
  const client = clientAt(where)
  const documents = documentClient(client)
  const fresh = new Map<Model, string>()
  try {
    let found = await compare(documents, prefix, progress)
    for (let look = 1; look < LOOKS_MAX && found.differences.length > 0; look++) {
      progress(`${found.differences.length} differences: looking again, as the system may be at work …`)
      await systemClock.sleep(LOOK_AGAIN_MS)
      found = await compare(documents, prefix, progress)
    }
    const name = `replay-${systemClock.now()}`
    for (const model of models)
      fresh.set(model, await createTable(client, `${prefix}${model}-${name}`, modelKeys[model]))
    progress(`writing ${models.map(model => found.rebuilt[model].size).join(' + ')} rows into fresh tables …`)
    await fill(client, fresh, found.rebuilt, progress)
    return {
      events: found.events.length,
      streams: new Set(found.events.map(({ quoteID }) => quoteID)).size,
      rows: Object.fromEntries(
        models.map(model => [model, { rebuilt: found.rebuilt[model].size, present: found.there[model].size }]),
      ) as Replayed['rows'],
      differences: differences(await readBack(documents, fresh), found.there),
      tables: [...fresh.values()],
    }
  } catch (error) {
    throw readable(
      error,
      where,
      'There is no event store: start with QUOTING=event-sourcing, or name a --stage that has it',
    )
  } finally {
    if (!keep) for (const table of fresh.values()) await client.send(new DeleteTableCommand({ TableName: table }))
    client.destroy()
  }
}

/** The present first, so that an event that comes meanwhile makes a difference that is looked at again. */
async function compare(documents: DynamoDBDocumentClient, prefix: string, progress: (text: string) => void) {
  progress('reading the tables and the events …')
  const tables = Object.fromEntries(
    await Promise.all(models.map(async model => [model, await scan(documents, `${prefix}${model}`)] as const)),
  ) as Record<Model, Item[]>
  const events = (await scan(documents, `${prefix}quote-events`)).sort(
    (a, b) => Number(a['sequenceNumber']) - Number(b['sequenceNumber']),
  )
  const rebuilt = rebuild(events, {
    quotes: tables.quotes,
    customers: tables.customers,
    updates: tables['customer-updates'],
  })
  const there = present(tables)
  return { events, rebuilt, there, differences: differences(rebuilt, there) }
}

async function scan(client: DynamoDBDocumentClient, table: string): Promise<Item[]> {
  const items: Item[] = []
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true }))
    items.push(...Items.map(fromStoredItem))
  return items
}

async function createTable(client: DynamoDBClient, name: string, key: string): Promise<string> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
    }),
  )
  await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName: name })
  return name
}

async function fill(
  client: DynamoDBClient,
  tables: ReadonlyMap<Model, string>,
  rebuilt: ReadModels,
  progress: (text: string) => void,
): Promise<void> {
  const log: Log = { info: progress, warn: progress, error: progress, count: () => {}, measure: () => {} }
  const store = dynamoDbStore({
    client,
    log,
    tables: Object.fromEntries(
      [...tables].map(([model, physicalName]) => [
        model,
        { physicalName, table: { name: model, partition: modelKeys[model] } },
      ]),
    ),
  })
  await store.writeRows(
    models.flatMap(model =>
      [...rebuilt[model]].map(([key, row]) => {
        const ref = { table: model, key: { [modelKeys[model]]: key } }
        return { ref, item: { ...row, ...ref.key } }
      }),
    ),
  )
}

async function readBack(documents: DynamoDBDocumentClient, tables: ReadonlyMap<Model, string>): Promise<ReadModels> {
  const read = await Promise.all(
    [...tables].map(async ([model, name]) => {
      const rows = (await scan(documents, name)).map(
        ({ [modelKeys[model]]: key, ...row }) => [key as string, row as Row] as const,
      )
      return [model, new Map(rows)] as const
    }),
  )
  return Object.fromEntries(read) as unknown as ReadModels
}
