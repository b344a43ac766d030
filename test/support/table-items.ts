import { ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb'
import { dynamoDbAt } from './dynamodb.ts'

export type Items = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

/** Every item of every table, by a client that knows nothing but the address; in an order that stays. */
export async function allItems(endpoint: string): Promise<Items> {
  const client = dynamoDbAt(endpoint)
  const documents = DynamoDBDocumentClient.from(client)
  try {
    const { TableNames = [] } = await client.send(new ListTablesCommand({}))
    const items: Record<string, Record<string, unknown>[]> = {}
    for (const table of TableNames) {
      const found: { text: string; item: Record<string, unknown> }[] = []
      for await (const page of paginateScan({ client: documents }, { TableName: table, ConsistentRead: true }))
        for (const item of page.Items ?? []) {
          const sorted = Object.fromEntries(Object.entries(item).sort(([a], [b]) => a.localeCompare(b)))
          found.push({ item: sorted, text: JSON.stringify(sorted, (_, value) => plain(value)) })
        }
      items[table] = found.sort((a, b) => (a.text < b.text ? -1 : 1)).map(({ item }) => item)
    }
    return items
  } finally {
    client.destroy()
  }
}

const plain = (value: unknown) => (value instanceof Set ? [...value] : typeof value === 'bigint' ? `${value}` : value)
