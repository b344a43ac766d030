import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Table } from '../../model/aggregate.ts'
import type { Log, Store } from '../../model/ports.ts'
import { systemClock } from '../node/clock.ts'
import { dynamoDbClient } from './client.ts'
import { foundWritten } from '../store-rules.ts'
import { commitAll } from './commit.ts'
import type { Connected } from './connected.ts'
import { queryPage } from './query.ts'
import { readAll } from './read.ts'
import { putRows } from './rows.ts'

export interface PhysicalTable {
  /** As CloudFormation named it. */
  readonly physicalName: string
  readonly table: Table
}

export interface DynamoDbStoreOptions {
  /** One with bounded waits unless given. */
  readonly client?: DynamoDBClient
  /** By the catalog's names. */
  readonly tables: Readonly<Record<string, PhysicalTable>>
  readonly log: Log
}

/** The store on DynamoDB: batched reads, batched conditional writes, transactions only where `alongside` asks for one. */
export function dynamoDbStore({ client = dynamoDbClient(), tables, log }: DynamoDbStoreOptions): Store {
  const find = (name: string): PhysicalTable => {
    const found = tables[name]
    if (!found) throw new Error(`there is no table ${name}: this function has ${Object.keys(tables).join(', ')}`)
    return found
  }
  const connected: Connected = {
    client,
    physical: name => find(name).physicalName,
    tableOf: name => find(name).table,
    sleep: ms => systemClock.sleep(ms),
  }
  return {
    read: (refs, only) => readAll(connected, refs, only),
    writeRows: rows => putRows(connected, rows),
    query: query => queryPage(connected, query),
    async commit(commits) {
      const results = (await commitAll(connected, commits)).map((result, i) => foundWritten(commits[i], result))
      const failed = results.filter(({ outcome }) => outcome === 'failed').length
      if (failed > 0) log.count('failedCommits', failed)
      return results
    },
  }
}
