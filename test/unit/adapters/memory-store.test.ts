import { describe } from 'vitest'
import { memoryStore } from '#shared/adapters/memory/store.ts'
import { storeContract } from '../../integration/contract/store.ts'
import { contractTables } from '../../integration/contract/tables.ts'

describe('the store in memory', () => {
  storeContract(async () => memoryStore(contractTables))
})
