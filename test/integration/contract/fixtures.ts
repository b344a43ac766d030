import { expect } from 'vitest'
import type { Alongside, Commit, Item, Ref, Store } from '#engine/model/ports.ts'

let made = 0
/** A key that no other test uses. */
export const newId = (name = 'a') => `${name}-${process.pid}-${(made += 1)}`
/** The contract's usual item. */
export const thing = (id: string): Ref => ({ table: 'things', key: { id } })
export const item = (id: string, version: number, fields: Item = {}): Item => ({ id, version, ...fields })
export const create = (id: string, fields: Item = {}, alongside?: readonly Alongside[]): Commit => ({
  ref: thing(id),
  previous: undefined,
  item: item(id, 1, fields),
  ...(alongside && { alongside }),
})
export const follow = (previous: Item, fields: Item = {}, alongside?: readonly Alongside[]): Commit => ({
  ref: thing(idOf(previous)),
  previous,
  item: item(idOf(previous), Number(previous['version']) + 1, fields),
  ...(alongside && { alongside }),
})
export const take = (id: string, amount: number): Alongside => ({
  kind: 'add',
  ref: thing(id),
  add: { stock: -amount },
  atLeast: { stock: amount },
})
export const COMMITTED = { outcome: 'committed' }
export const idOf = (item: Item): string => {
  const id = item['id']
  if (typeof id !== 'string') throw new Error('an item without id')
  return id
}

/** What the parts of the contract are given. */
export interface UnderTest {
  readonly store: Store
  readonly readOne: (id: string) => Promise<Item | undefined>
  /** Creates a thing and gives it back as it is stored. */
  readonly put: (id: string, fields?: Item) => Promise<Item>
}

/** `get` is asked at each call: the store is there only when the tests run. */
export function underTest(get: () => Store): UnderTest {
  const store: Store = {
    read: (refs, only) => get().read(refs, only),
    commit: commits => get().commit(commits),
    writeRows: rows => get().writeRows(rows),
    query: query => get().query(query),
  }
  return {
    store,
    readOne: async id => (await store.read([thing(id)]))[0],
    put: async (id, fields = {}) => {
      expect(await store.commit([create(id, fields)])).toEqual([COMMITTED])
      return item(id, 1, fields)
    },
  }
}
