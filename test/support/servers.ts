import { inject } from 'vitest'
import { dynamoDbAt } from './dynamodb.ts'

export interface SharedServers {
  /** `127.0.0.1:19092` */
  readonly brokers: string
  /** `http://127.0.0.1:18000` */
  readonly endpoint: string
}

declare module 'vitest' {
  interface ProvidedContext {
    servers: SharedServers
  }
}

/** The servers that all integration tests share (`start-servers.ts` starts them): use topics and tables of your own, see `unique`. */
export const sharedServers = (): SharedServers => inject('servers')

/** A client of the shared DynamoDB Local. */
export const testDynamoDb = () => dynamoDbAt(sharedServers().endpoint)

let made = 0
/** A name that no other test of this run uses: a prefix for topics and tables. */
export const unique = (name: string) => `${name}-${process.pid}-${(made += 1)}-`
