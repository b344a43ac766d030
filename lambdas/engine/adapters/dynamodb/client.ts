import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'

/** Every wait is bounded: a call ends within about 25 s, before any function's timeout. */
const CONNECT_WITHIN_MS = 3000
const ANSWER_WITHIN_MS = 5000
const ATTEMPTS_MAX = 3
/** More than a batch of transactions uses at once. */
const SOCKETS_MAX = 64

/** A client with bounded waits. Region, credentials and endpoint are the environment's unless given. */
export function dynamoDbClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  const client = new DynamoDBClient({
    maxAttempts: ATTEMPTS_MAX,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECT_WITHIN_MS,
      requestTimeout: ANSWER_WITHIN_MS,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: SOCKETS_MAX },
      httpsAgent: { keepAlive: true, maxSockets: SOCKETS_MAX },
    },
    ...config,
  })
  // It copies every request and answer for a log that nobody reads: 3 % of a saga's CPU.
  client.middlewareStack.remove('loggerMiddleware')
  return client
}
