import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  type TableDescription,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import type { TablePlan } from '../template/plan-types.ts'
import { localClient } from './client.ts'

/**
 * Every table of the templates. One that is there keeps its items. Throws if one is there with another key or other
 * indexes, since its items were written for those. Gives the stream of each table that has one, by the table's name.
 */
export async function createTables(
  endpoint: string,
  tables: readonly TablePlan[],
): Promise<ReadonlyMap<string, string>> {
  const client = new DynamoDBClient(localClient(endpoint))
  try {
    const made = await Promise.all(tables.map(table => createTable(client, table)))
    return new Map(
      made.flatMap(({ TableName, LatestStreamArn }) =>
        TableName && LatestStreamArn ? [[TableName, LatestStreamArn]] : [],
      ),
    )
  } finally {
    client.destroy()
  }
}

async function createTable(client: DynamoDBClient, { name, create, expires }: TablePlan): Promise<TableDescription> {
  try {
    await client.send(new CreateTableCommand(create))
    await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { TableName: name })
    if (expires !== undefined)
      await client.send(
        new UpdateTimeToLiveCommand({
          TableName: name,
          TimeToLiveSpecification: { Enabled: true, AttributeName: expires },
        }),
      )
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error
  }
  const { Table } = await client.send(new DescribeTableCommand({ TableName: name }))
  if (!Table) throw new Error(`DynamoDB Local does not describe the table ${name}`)
  const [asked, there] = [shapeOf(create), shapeOf(Table)]
  if (asked !== there)
    throw new Error(
      `the table ${name} is there with another shape (${there}) than the templates ask for (${asked}): start with another STATE_DIR, or delete this one`,
    )
  return Table
}

/** Keys and indexes, as text that two equal shapes share. */
function shapeOf({
  KeySchema,
  GlobalSecondaryIndexes = [],
  StreamSpecification,
}: Pick<TableDescription, 'KeySchema' | 'StreamSpecification'> & {
  GlobalSecondaryIndexes?:
    | readonly { IndexName?: string | undefined; KeySchema?: TableDescription['KeySchema'] }[]
    | undefined
}): string {
  const keys = (schema: TableDescription['KeySchema']) =>
    (schema ?? []).map(({ AttributeName }) => AttributeName).join('+')
  const indexes = GlobalSecondaryIndexes.map(index => `${index.IndexName} by ${keys(index.KeySchema)}`).toSorted(
    (a, b) => a.localeCompare(b),
  )
  const stream = StreamSpecification?.StreamEnabled ? [`stream of ${StreamSpecification.StreamViewType}`] : []
  return [keys(KeySchema), ...indexes, ...stream].join(', ')
}
