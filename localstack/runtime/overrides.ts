import { LOCAL_CREDENTIALS } from './dynamodb/client.ts'

/** Where things are on this machine. */
export interface Addresses {
  /** `host:port` */
  readonly brokers: readonly string[]
  /** `http://127.0.0.1:18000` */
  readonly dynamodbEndpoint: string
  readonly providerUrl: string
}

/**
 * Everything in which a function's environment differs from what would be deployed (beside what Lambda itself sets):
 * addresses and credentials. What the templates do not give a function, it does not get here either, but for DynamoDB,
 * whose address and credentials come from the surroundings in AWS.
 */
export function overrides(environment: Readonly<Record<string, string>>, addresses: Addresses): Record<string, string> {
  const inPlace = {
    KAFKA_BROKERS: addresses.brokers.join(','),
    KAFKA_AUTH: 'none',
    PAYMENT_PROVIDER_URL: addresses.providerUrl,
  }
  return {
    ...Object.fromEntries(Object.entries(inPlace).filter(([variable]) => Object.hasOwn(environment, variable))),
    AWS_ENDPOINT_URL_DYNAMODB: addresses.dynamodbEndpoint,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  }
}
