import { describe, expect, it } from 'vitest'
import { PoisonMessageError } from '#engine/model/errors.ts'
import type { Item } from '#engine/model/ports.ts'
import { COMMITTED, create, follow, idOf, item, newId, take, thing, type UnderTest } from './fixtures.ts'

/** Each commit on its own, on condition of the version that was read. */
export function commitContract({ store, readOne, put }: UnderTest): void {
  describe('commit', () => {
    it('creates an item where there is none, and is lost where there is one', async () => {
      const id = newId()
      const present = await put(id, { by: 'first' })
      expect(await store.commit([create(id, { by: 'second' })])).toEqual([{ outcome: 'lost', present, alongside: [] }])
      expect(await readOne(id)).toEqual(present)
    })

    it('changes, adds and removes fields on condition of the version that was read', async () => {
      const first = await put(newId(), { status: 'PENDING', old: { a: 1 }, same: [1, { b: 2 }] })
      const second = follow(first, { status: 'APPROVED', same: [1, { b: 2 }], fresh: true })
      expect(await store.commit([second])).toEqual([COMMITTED])
      expect(await readOne(idOf(first))).toEqual(second.item)
    })

    it('that is made again word for word was made: an answer was lost on the way', async () => {
      const id = newId()
      const first = create(id, { by: 'first' })
      await store.commit([first])
      expect(await store.commit([first])).toEqual([COMMITTED])
    })
    it('is lost to another version, and tells what is there', async () => {
      const first = await put(newId(), { by: 'first' })
      const second = follow(first, { by: 'second', extra: 1 })
      await store.commit([second])
      expect(await store.commit([follow(first, { by: 'zombie' })])).toEqual([
        { outcome: 'lost', present: second.item, alongside: [] },
      ])
      expect(await readOne(idOf(first))).toEqual(second.item)
    })

    it('is lost if the item that was read is gone', async () => {
      const gone = item(newId(), 3, { by: 'nobody' })
      expect(await store.commit([follow(gone)])).toEqual([{ outcome: 'lost', present: undefined, alongside: [] }])
      expect(await readOne(idOf(gone))).toBeUndefined()
    })

    it('goes by the version alone: an item that was read without one must have none', async () => {
      const id = newId()
      const row = { id, name: 'a row' }
      await store.writeRows([{ ref: thing(id), item: row }])
      expect(await store.commit([{ ref: thing(id), previous: row, item: { ...row, version: 1 } }])).toEqual([COMMITTED])
      expect(await store.commit([{ ref: thing(id), previous: row, item: { ...row, version: 9 } }])).toEqual([
        { outcome: 'lost', present: { ...row, version: 1 }, alongside: [] },
      ])
    })

    it('decides each of sixty in one call on its own, results in order', async () => {
      const ids = Array.from({ length: 60 }, (_, i) => newId(`many${i}`))
      await Promise.all(ids.filter((_, i) => i % 3 === 0).map(id => put(id, { by: 'before' })))
      const results = await store.commit(ids.map(id => create(id, { by: 'batch' })))
      expect(results).toEqual(
        ids.map((id, i) =>
          i % 3 === 0 ? { outcome: 'lost', present: item(id, 1, { by: 'before' }), alongside: [] } : COMMITTED,
        ),
      )
      const found = await store.read(ids.map(thing))
      expect(found.map(one => one?.['by'])).toEqual(ids.map((_, i) => (i % 3 === 0 ? 'before' : 'batch')))
    })

    it('commits tables with a sort key', async () => {
      const key = { id: newId(), step: 's1' }
      const ref = { table: 'steps', key }
      expect(await store.commit([{ ref, previous: undefined, item: { ...key, version: 1, n: 1 } }])).toEqual([
        COMMITTED,
      ])
      const previous = { ...key, version: 1, n: 1 }
      expect(await store.commit([{ ref, previous, item: { ...key, version: 2 } }])).toEqual([COMMITTED])
      expect(await store.read([ref])).toEqual([{ ...key, version: 2 }])
    })

    it('answers nothing for nothing', async () => {
      expect(await store.commit([])).toEqual([])
    })

    it('refuses one item twice in a call, and an item that is not its ref’s', async () => {
      const id = newId()
      await expect(store.commit([create(id), create(id)])).rejects.toThrow('committed twice in one call')
      await expect(store.commit([{ ref: thing(id), previous: undefined, item: item('another', 1) }])).rejects.toThrow(
        'has another id',
      )
      expect(await readOne(id)).toBeUndefined()
    })

    it('tells what can never be written, and writes the others', async () => {
      const [small, large, nearly] = [newId('small'), newId('large'), newId('nearly')]
      const results = await store.commit([
        create(small),
        create(large, { text: 'x'.repeat(410 * 1024) }),
        create(nearly, { text: 'x'.repeat(399 * 1024) }),
      ])
      expect(results).toEqual([COMMITTED, { outcome: 'impossible', error: expect.any(PoisonMessageError) }, COMMITTED])
      expect(await readOne(large)).toBeUndefined()

      const grown = follow(item(small, 1), { text: 'x'.repeat(410 * 1024) })
      expect(await store.commit([grown])).toMatchObject([{ outcome: 'impossible' }])
      expect(await readOne(small)).toEqual(item(small, 1))
    })

    it('tells what no table can hold, counting bytes and not characters, and writes the others', async () => {
      const most = `${newId()}${'😀'.repeat(500)}`
      const bad = [
        create(''),
        create('x'.repeat(2049)),
        create('😀'.repeat(513)),
        create('half \ud83d'),
        create(newId(), { text: ['half \ud83d'] }),
        create(newId(), { ['half \ud83d']: 1 }),
        create(newId(), { owner: 'ä'.repeat(1025), createdAt: 'x' }),
        create(newId(), { owner: 'x', createdAt: 'ä'.repeat(513) }),
        create(newId(), JSON.parse('{"__proto__":"x"}') as Item),
        create(newId(), {}, [take('x'.repeat(2049), 1)]),
      ]
      const results = await store.commit([
        ...bad,
        create(most, { owner: 'ä'.repeat(1024), createdAt: 'ä'.repeat(512) }),
      ])
      expect(results).toEqual([
        ...bad.map(() => ({ outcome: 'impossible', error: expect.any(PoisonMessageError) })),
        COMMITTED,
      ])
      expect(await readOne(most)).toBeDefined()
    })

    it('tells that a value cannot be the key of an index', async () => {
      const [bad, good] = [newId('bad'), newId('good')]
      const results = await store.commit([
        create(bad, { wakePartition: 'p', wakeAt: 'not a number' }),
        create(good, { wakePartition: 'p', wakeAt: 1 }),
      ])
      expect(results).toMatchObject([{ outcome: 'impossible' }, COMMITTED])
      expect(await readOne(bad)).toBeUndefined()
    })
  })
}
