import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Table } from '../../model/aggregate.ts'

/** What the parts of the store share. */
export interface Connected {
  readonly client: DynamoDBClient
  /** The physical name of a table. Throws for one that this store was not given. */
  readonly physical: (table: string) => string
  readonly tableOf: (table: string) => Table
  readonly sleep: (ms: number) => Promise<void>
}
