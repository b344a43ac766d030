import { describe, expect, it } from 'vitest'
import type { Item, Key, Query } from '#engine/model/ports.ts'
import { create, follow, newId, thing, type UnderTest } from './fixtures.ts'

/** Pages of tables and indexes. */
export function queryContract({ store, put }: UnderTest): void {
  describe('query', () => {
    const allPages = async (query: Query) => {
      const items: Item[] = []
      let after: Key | undefined
      for (let page = 0; page < 50; page += 1) {
        const answer = await store.query({ ...query, ...(after && { after }) })
        expect(answer.items.length).toBeLessThanOrEqual(query.limit)
        items.push(...answer.items)
        after = answer.next
        if (!after) return items
      }
      throw new Error('the pages do not end')
    }
    const numbered = async () => {
      const id = newId('stream')
      const numbers = Array.from({ length: 25 }, (_, i) => i + 1)
      await store.writeRows(
        numbers.map(n => ({ ref: { table: 'events', key: { id, n } }, item: { id, n, text: `e${n}` } })),
      )
      return { table: 'events', partition: { field: 'id', value: id }, limit: 10 }
    }

    it('pages through a table by its sort key, forward and backward', async () => {
      const query = await numbered()
      const forward = await allPages(query)
      expect(forward.map(({ n }) => n)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1))
      expect(forward[0]).toEqual({ id: query.partition.value, n: 1, text: 'e1' })
      const backward = await allPages({ ...query, descending: true })
      expect(backward).toEqual(forward.toReversed())
    })

    it('keeps within bounds, both inclusive', async () => {
      const query = await numbered()
      const within = async (sort: { from?: number; to?: number }) =>
        (await store.query({ ...query, limit: 100, sort: { field: 'n', ...sort } })).items.map(({ n }) => n)
      expect(await within({ from: 3, to: 5 })).toEqual([3, 4, 5])
      expect(await within({ from: 24 })).toEqual([24, 25])
      expect(await within({ to: 2 })).toEqual([1, 2])
      expect(await within({ from: 5, to: 3 })).toEqual([])
      const paged = await allPages({ ...query, limit: 2, descending: true, sort: { field: 'n', from: 3, to: 7 } })
      expect(paged.map(({ n }) => n)).toEqual([7, 6, 5, 4, 3])
    })

    it('finds only keys in an index, only of items that have its fields, in its order, and follows changes', async () => {
      const owner = newId('owner')
      const ids = Array.from({ length: 5 }, (_, i) => newId(`o${i}`))
      await store.commit(
        ids.map((id, i) => create(id, { owner, createdAt: `2026-01-0${9 - i}`, more: 'not in the index' })),
      )
      await put(newId(), { owner, more: 'without createdAt' })
      const query: Query = { table: 'things', index: 'byOwner', partition: { field: 'owner', value: owner }, limit: 2 }
      expect(await allPages({ ...query, descending: true })).toEqual(
        ids.map((id, i) => ({ id, owner, createdAt: `2026-01-0${9 - i}` })),
      )
      expect(await allPages({ ...query, limit: 10 })).toEqual(
        ids.map((id, i) => ({ id, owner, createdAt: `2026-01-0${9 - i}` })).toReversed(),
      )
      // The first leaves the index, the second moves to its end.
      const [first, second] = await store.read(ids.slice(0, 2).map(thing))
      if (!first || !second) throw new Error('they were just written')
      await store.commit([follow(first, { owner }), follow(second, { owner, createdAt: '2026-01-31' })])
      expect((await allPages(query)).map(({ id }) => id)).toEqual([ids[4], ids[3], ids[2], ids[1]])
    })

    it('finds what is due in an index that is sorted by number', async () => {
      const wakePartition = newId('order#RUNNING#0')
      const due = [5, 100, 20, 3000].map(wakeAt => ({ id: newId(), wakeAt }))
      await store.commit(due.map(({ id, wakeAt }) => create(id, { wakePartition, wakeAt })))
      const found = await store.query({
        table: 'things',
        index: 'byStatus',
        partition: { field: 'wakePartition', value: wakePartition },
        sort: { field: 'wakeAt', to: 100 },
        limit: 10,
      })
      expect(found.items.map(({ wakeAt }) => wakeAt)).toEqual([5, 20, 100])
    })

    it('pages through items of one sort key without missing any or showing one twice', async () => {
      const owner = newId('owner')
      const ids = Array.from({ length: 7 }, (_, i) => newId(`same${i}`))
      await store.commit(ids.map(id => create(id, { owner, createdAt: '2026-01-01' })))
      for (const descending of [false, true]) {
        const query: Query = {
          table: 'things',
          index: 'byOwner',
          partition: { field: 'owner', value: owner },
          limit: 2,
          descending,
        }
        expect(new Set((await allPages(query)).map(({ id }) => id))).toEqual(new Set(ids))
      }
    })

    it('answers an empty page for a partition that is not there', async () => {
      const partition = { field: 'id', value: newId('nobody') }
      expect(await store.query({ table: 'events', partition, limit: 10 })).toEqual({ items: [] })
    })
  })
}
