import type { Item, Key, Query, Store } from './ports.ts'

/** All pages of a query that hold anything, one after the other. Throws RetryableError. */
export async function* pagesOf(store: Pick<Store, 'query'>, query: Omit<Query, 'after'>): AsyncGenerator<Item[]> {
  let after: Key | undefined
  do {
    const { items, next } = await store.query({ ...query, ...(after && { after }) })
    if (items.length > 0) yield items
    after = next
  } while (after)
}
