import { describe, expect, it } from 'vitest'
import type { Alongside } from '#engine/model/ports.ts'
import { COMMITTED, create, follow, item, newId, take, thing, type UnderTest } from './fixtures.ts'

/** What commits alongside, or not at all. */
export function alongsideContract({ store, readOne, put }: UnderTest): void {
  describe('alongside', () => {
    it('commits with the item: adds, with what must be there, and inserts', async () => {
      const [id, product, other] = [newId(), newId('product'), newId('other')]
      await put(product, { stock: 5, sold: 1, name: 'Tea' })
      const insert: Alongside = { kind: 'insert', ref: thing(other), item: item(other, 1, { of: id }) }
      const add: Alongside = {
        kind: 'add',
        ref: thing(product),
        add: { stock: -5, sold: 5, orders: 1 },
        atLeast: { stock: 5 },
      }
      expect(await store.commit([create(id, { status: 'HELD' }, [add, insert])])).toEqual([COMMITTED])
      expect(await store.read([thing(id), thing(product), thing(other)])).toEqual([
        item(id, 1, { status: 'HELD' }),
        item(product, 1, { stock: 0, sold: 6, orders: 1, name: 'Tea' }),
        item(other, 1, { of: id }),
      ])
    })

    it('writes nothing at all if one condition does not hold, and tells which and why', async () => {
      const [id, plenty, short, missing] = [newId(), newId('plenty'), newId('short'), newId('missing')]
      await put(plenty, { stock: 5 })
      const shortItem = await put(short, { stock: 1 })
      const lines = [take(plenty, 2), take(short, 2), take(missing, 1)]
      expect(await store.commit([create(id, {}, lines)])).toEqual([
        {
          outcome: 'lost',
          present: undefined,
          alongside: [
            { ref: thing(short), present: shortItem },
            { ref: thing(missing), present: undefined },
          ],
        },
      ])
      expect(await store.read([thing(id), thing(plenty), thing(missing)])).toEqual([
        undefined,
        item(plenty, 1, { stock: 5 }),
        undefined,
      ])
    })

    it('does not add to an item that is not there, also if nothing must be there', async () => {
      const [id, missing] = [newId(), newId('missing')]
      const add: Alongside = { kind: 'add', ref: thing(missing), add: { stock: 1 } }
      expect(await store.commit([create(id, {}, [add])])).toEqual([
        { outcome: 'lost', present: undefined, alongside: [{ ref: thing(missing), present: undefined }] },
      ])
    })

    it('is lost to another version of its own item, which keeps what is alongside as it was', async () => {
      const [product, id] = [newId('product'), newId()]
      await put(product, { stock: 5 })
      const first = await put(id, { status: 'HELD' })
      const second = follow(first, { status: 'CANCELLED' }, [{ kind: 'add', ref: thing(product), add: { stock: 2 } }])
      expect(await store.commit([second])).toEqual([COMMITTED])
      const other = { ...second, item: { ...second.item, status: 'REJECTED' } }
      expect(await store.commit([other])).toEqual([{ outcome: 'lost', present: second.item, alongside: [] }])
      // Word for word again it was made, and what is alongside with it: once.
      expect(await store.commit([second])).toEqual([COMMITTED])
      expect(await readOne(product)).toEqual(item(product, 1, { stock: 7 }))
    })

    it('is lost to another version and to a condition alongside, and tells both', async () => {
      const [product, id] = [newId('product'), newId()]
      const productItem = await put(product, { stock: 0 })
      const present = await put(id, { by: 'first' })
      expect(await store.commit([create(id, {}, [take(product, 1)])])).toEqual([
        { outcome: 'lost', present, alongside: [{ ref: thing(product), present: productItem }] },
      ])
    })

    it('keeps telling the item as it is when only a condition alongside does not hold', async () => {
      const [product, id] = [newId('product'), newId()]
      const productItem = await put(product, { stock: 0 })
      const present = await put(id, { by: 'first' })
      expect(await store.commit([follow(present, {}, [take(product, 1)])])).toEqual([
        { outcome: 'lost', present, alongside: [{ ref: thing(product), present: productItem }] },
      ])
    })

    it('does not insert over an item', async () => {
      const [id, other] = [newId(), newId('other')]
      const present = await put(other, { by: 'first' })
      const insert: Alongside = { kind: 'insert', ref: thing(other), item: item(other, 1, { by: 'second' }) }
      expect(await store.commit([create(id, {}, [insert])])).toEqual([
        { outcome: 'lost', present: undefined, alongside: [{ ref: thing(other), present }] },
      ])
      expect(await readOne(id)).toBeUndefined()
    })

    it('takes the last units once when many commits of one call want them', async () => {
      const product = newId('product')
      await put(product, { stock: 5 })
      const orders = Array.from({ length: 8 }, () => create(newId('order'), {}, [take(product, 1)]))
      const results = await store.commit(orders)
      expect(results.map(({ outcome }) => outcome)).toEqual([...Array(5).fill('committed'), ...Array(3).fill('lost')])
      expect(await readOne(product)).toEqual(item(product, 1, { stock: 0 }))
    })

    it('takes the last units once when many calls want them at the same time', async () => {
      const product = newId('product')
      await put(product, { stock: 5 })
      const calls = Array.from({ length: 12 }, () => store.commit([create(newId('order'), {}, [take(product, 1)])]))
      const outcomes = (await Promise.all(calls)).map(([result]) => result?.outcome)
      const committed = outcomes.filter(outcome => outcome === 'committed').length
      // A store may refuse a call that meets another ("failed"), but never sells what is not there.
      expect(committed).toBeGreaterThan(0)
      expect(committed).toBeLessThanOrEqual(5)
      expect(await readOne(product)).toEqual(item(product, 1, { stock: 5 - committed }))
    })

    it('mixes with commits that have none, results in order, also on an item that both touch', async () => {
      const [product, plain, order] = [newId('product'), newId('plain'), newId('order')]
      const before = await put(product, { stock: 1 })
      const results = await store.commit([
        create(plain, { n: 1 }),
        create(order, {}, [take(product, 1)]),
        follow(before, { stock: 10 }),
      ])
      expect(results).toEqual([COMMITTED, COMMITTED, COMMITTED])
      expect(await readOne(product)).toEqual(item(product, 2, { stock: 10 }))
    })

    it('tells that it is impossible: an item twice, too many, too large, adding to what is no number', async () => {
      const [id, product] = [newId(), newId('product')]
      await put(product, { stock: 5, name: 'Tea' })
      const many = Array.from({ length: 100 }, (_, i) => take(`p${i}`, 1))
      const insert: Alongside = {
        kind: 'insert',
        ref: thing('large'),
        item: item('large', 1, { text: 'x'.repeat(410 * 1024) }),
      }
      const wrong: Alongside = { kind: 'add', ref: thing(product), add: { name: 1 } }
      for (const alongside of [[take(product, 1), take(product, 1)], [take(id, 1)], many, [insert], [wrong]])
        expect(await store.commit([create(id, {}, alongside)])).toMatchObject([{ outcome: 'impossible' }])
      expect(await readOne(id)).toBeUndefined()
      expect(await readOne(product)).toEqual(item(product, 1, { stock: 5, name: 'Tea' }))
    })
  })
}
