import { describe } from 'vitest'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { storeContract } from '../../integration/contract/store.ts'
import { contractTables } from '../../integration/contract/tables.ts'

describe('the store in memory', () => {
  storeContract(async () => memoryStore(contractTables))
})
