import { beforeAll } from 'vitest'
import type { Store } from '#engine/model/ports.ts'
import { underTest } from './fixtures.ts'
import { alongsideContract } from './store-alongside.ts'
import { commitContract } from './store-commits.ts'
import { queryContract } from './store-queries.ts'
import { readContract } from './store-reads.ts'

/** What every store must do, with the tables of `tables.ts`. `make` is called once. */
export function storeContract(make: () => Promise<Store>): void {
  let store: Store
  beforeAll(async () => {
    store = await make()
  })
  const given = underTest(() => store)
  readContract(given)
  commitContract(given)
  alongsideContract(given)
  queryContract(given)
}
