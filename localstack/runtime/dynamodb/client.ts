import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { REGION } from '../template/resource-types.ts'

/** DynamoDB Local takes any credentials; these are what the functions get too. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' }

/** For the runtime's own clients of tables and streams. `endpoint`: `http://127.0.0.1:18000`. */
export const localClient = (endpoint: string): DynamoDBClientConfig => ({
  endpoint,
  region: REGION,
  credentials: LOCAL_CREDENTIALS,
  maxAttempts: 2,
})
