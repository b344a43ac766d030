import { DynamoDBClient } from '@aws-sdk/client-dynamodb'

/** A client that knows nothing but the address: DynamoDB Local takes any credentials. */
export const dynamoDbAt = (endpoint: string) =>
  new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'stranger', secretAccessKey: 'stranger' },
  })
