import { CreateTableCommand, type DynamoDBClient, type KeySchemaElement } from '@aws-sdk/client-dynamodb'
import type { PhysicalTable } from '#engine/adapters/dynamodb/store.ts'
import type { Table, TableIndex } from '#engine/model/aggregate.ts'

/** Makes the catalog's tables under a prefix, with their indexes; what a store on them needs. */
export async function createTestTables(
  client: DynamoDBClient,
  tables: readonly Table[],
  prefix: string,
): Promise<Readonly<Record<string, PhysicalTable>>> {
  for (const table of tables) {
    const indexes = table.indexes ?? []
    await client.send(
      new CreateTableCommand({
        TableName: `${prefix}${table.name}`,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: keySchema(table),
        AttributeDefinitions: [...attributes([table, ...indexes])].map(([AttributeName, AttributeType]) => ({
          AttributeName,
          AttributeType,
        })),
        ...(indexes.length > 0 && {
          GlobalSecondaryIndexes: indexes.map(index => ({
            IndexName: index.name,
            KeySchema: keySchema(index),
            Projection: { ProjectionType: 'KEYS_ONLY' as const },
          })),
        }),
      }),
    )
  }
  return Object.fromEntries(tables.map(table => [table.name, { physicalName: `${prefix}${table.name}`, table }]))
}

type Keyed = Pick<TableIndex, 'partition' | 'sort'>

const keySchema = ({ partition, sort }: Keyed): KeySchemaElement[] => [
  { AttributeName: partition, KeyType: 'HASH' },
  ...(sort ? [{ AttributeName: sort.name, KeyType: 'RANGE' as const }] : []),
]

const attributes = (keyed: readonly Keyed[]) =>
  new Map<string, 'S' | 'N'>(
    keyed.flatMap(({ partition, sort }) => [
      [partition, 'S'] as const,
      ...(sort ? [[sort.name, sort.type === 'number' ? 'N' : 'S'] as const] : []),
    ]),
  )
