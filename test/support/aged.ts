import { ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { dynamoDbAt } from './dynamodb.ts'

/**
 * A saga that has asked in vain for as long as it may, as if the minutes had passed: its last attempt is late. Nothing
 * else of it changes. Throws if there is no such saga.
 */
export async function useUpAttempts(endpoint: string, saga: string, id: string): Promise<void> {
  const client = dynamoDbAt(endpoint)
  try {
    const { TableNames = [] } = await client.send(new ListTablesCommand({}))
    const long = Date.now() - 1000
    await DynamoDBDocumentClient.from(client).send(
      new UpdateCommand({
        TableName: TableNames.find(name => name.endsWith('-sagas')) ?? 'sagas',
        Key: { sagaKey: `${saga}:${id}` },
        ConditionExpression: 'attribute_exists(sagaKey)',
        UpdateExpression: 'SET attempt = :many, dueAt = :long, wakeAt = :long',
        ExpressionAttributeValues: { ':many': 1000, ':long': long },
      }),
    )
  } finally {
    client.destroy()
  }
}
