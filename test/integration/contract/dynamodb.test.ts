import { describe } from 'vitest'
import { dynamoDbStore } from '#shared/adapters/dynamodb/store.ts'
import { silentLog } from '#shared/adapters/memory/log.ts'
import { testDynamoDb, unique } from '../../support/servers.ts'
import { storeContract } from './store.ts'
import { contractTables, createTable } from './tables.ts'

describe('the store on DynamoDB', () => {
  storeContract(async () => {
    const client = testDynamoDb()
    const prefix = unique('contract')
    await Promise.all(contractTables.map(table => createTable(client, table, `${prefix}${table.name}`)))
    const tables = contractTables.map(table => [table.name, { physicalName: `${prefix}${table.name}`, table }])
    return dynamoDbStore({ client, tables: Object.fromEntries(tables), log: silentLog })
  })
})
