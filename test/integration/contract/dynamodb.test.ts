import { describe } from 'vitest'
import { dynamoDbStore } from '#engine/adapters/dynamodb/store.ts'
import { silentLog } from '#engine/adapters/memory/log.ts'
import { testDynamoDb, unique } from '../../support/servers.ts'
import { createTestTables } from '../../support/tables.ts'
import { storeContract } from './store.ts'
import { contractTables } from './tables.ts'

describe('the store on DynamoDB', () => {
  storeContract(async () => {
    const client = testDynamoDb()
    const tables = await createTestTables(client, contractTables, unique('contract'))
    return dynamoDbStore({ client, tables, log: silentLog })
  })
})
