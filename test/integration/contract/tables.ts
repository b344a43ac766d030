import {
  type AttributeDefinition,
  CreateTableCommand,
  type DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import type { Table } from '#shared/aggregate.ts'

/** One partition key, two indexes; the contract's "orders". */
export const things: Table = {
  name: 'things',
  partition: 'id',
  indexes: [
    { name: 'byOwner', partition: 'owner', sort: { name: 'createdAt', type: 'string' } },
    { name: 'byStatus', partition: 'wakePartition', sort: { name: 'wakeAt', type: 'number' } },
  ],
}
/** Partition and sort key; the contract's "history". */
export const steps: Table = { name: 'steps', partition: 'id', sort: { name: 'step', type: 'string' } }
/** A number to sort by; the contract's "event store". */
export const events: Table = { name: 'events', partition: 'id', sort: { name: 'n', type: 'number' } }

export const contractTables: readonly Table[] = [things, steps, events]

/** Creates a table as the catalog describes it. */
export async function createTable(client: DynamoDBClient, table: Table, physicalName: string): Promise<void> {
  const attributes = new Map<string, AttributeDefinition['AttributeType']>()
  const keys = ({ partition, sort }: Pick<Table, 'partition' | 'sort'>) => {
    attributes.set(partition, 'S')
    if (sort) attributes.set(sort.name, sort.type === 'number' ? 'N' : 'S')
    return [
      { AttributeName: partition, KeyType: 'HASH' as const },
      ...(sort ? [{ AttributeName: sort.name, KeyType: 'RANGE' as const }] : []),
    ]
  }
  const KeySchema = keys(table)
  const indexes = (table.indexes ?? []).map(index => ({
    IndexName: index.name,
    KeySchema: keys(index),
    Projection: { ProjectionType: 'KEYS_ONLY' as const },
  }))
  await client.send(
    new CreateTableCommand({
      TableName: physicalName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema,
      AttributeDefinitions: [...attributes].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
      ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
    }),
  )
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.1 }, { TableName: physicalName })
}
