import type { Item, Key, Query, Store } from '../model/ports.ts'

/** All pages of a query that hold anything, one after the other. Throws RetryableError. */
export async function* pagesOf(store: Pick<Store, 'query'>, query: Omit<Query, 'after'>): AsyncGenerator<Item[]> {
  let after: Key | undefined
  do {
    const { items, next } = await store.query({ ...query, ...(after && { after }) })
    if (items.length > 0) yield items
    after = next
  } while (after)
}

/** One query of a sweep. `handle` sees to a page, and gives how many of it there were to see to. */
export interface Sweep {
  readonly query: Omit<Query, 'after'>
  handle(page: Item[]): Promise<number>
}

/** All pages of all queries, the queries side by side; how many there were to see to. Throws RetryableError. */
export async function sweepAll(store: Pick<Store, 'query'>, sweeps: readonly Sweep[]): Promise<number> {
  const counts = await Promise.all(
    sweeps.map(async ({ query, handle }) => {
      let count = 0
      for await (const page of pagesOf(store, query)) count += await handle(page)
      return count
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}
