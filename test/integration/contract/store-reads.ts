import { describe, expect, it } from 'vitest'
import { PoisonMessageError } from '#engine/model/errors.ts'
import type { Item, Ref, Row } from '#engine/model/ports.ts'
import { COMMITTED, create, follow, idOf, item, newId, take, thing, type UnderTest } from './fixtures.ts'

/** What is read is what was written. */
export function readContract({ store, readOne, put }: UnderTest): void {
  describe('read', () => {
    it('answers in the order asked, with duplicates and with undefined for what is not there', async () => {
      const [a, b] = [newId(), newId()]
      await put(a, { name: 'A' })
      await put(b, { name: 'B' })
      expect(await store.read([thing(b), thing('nowhere'), thing(a), thing(b)])).toEqual([
        item(b, 1, { name: 'B' }),
        undefined,
        item(a, 1, { name: 'A' }),
        item(b, 1, { name: 'B' }),
      ])
      expect(await store.read([])).toEqual([])
    })

    it('reads some fields only, and the key, reserved words and missing ones among them', async () => {
      const [a, b] = [newId(), newId()]
      await put(a, { status: 'OPEN', large: 'x'.repeat(1000), list: ['a'] })
      await put(b, { large: 'y' })
      expect(await store.read([thing(a), thing(b), thing('nowhere')], ['status', 'list', 'id'])).toEqual([
        { id: a, status: 'OPEN', list: ['a'] },
        { id: b },
        undefined,
      ])
      const event = { table: 'events', key: { id: a, n: 1 } }
      await store.writeRows([{ ref: event, item: { ...event.key, text: 'long', name: 'A' } }])
      expect(await store.read([event], ['name'])).toEqual([{ id: a, n: 1, name: 'A' }])
    })

    it('reads hundreds of items of several tables at once', async () => {
      const id = newId()
      const refs = Array.from({ length: 230 }, (_, i) => ({ table: 'events', key: { id, n: i + 1 } }))
      await store.writeRows(refs.map(ref => ({ ref, item: { ...ref.key, text: `event ${ref.key.n}` } })))
      await put(id)
      const found = await store.read([...refs, thing(id)])
      expect(found.slice(0, 230).map(event => event?.['n'])).toEqual(refs.map(({ key }) => key.n))
      expect(found[230]).toEqual(item(id, 1))
    })

    it('finds nothing under a key that no table can hold, and what is asked for beside it', async () => {
      const present = await put(newId())
      const keys = ['', 'x'.repeat(2049), '😀'.repeat(513), 'half \ud83d']
      expect(await store.read([...keys, idOf(present)].map(thing))).toEqual([...keys.map(() => undefined), present])
      const step = { table: 'steps', key: { id: 'a', step: 'ä'.repeat(513) } }
      expect(await store.read([step])).toEqual([undefined])
    })

    it('throws for a key that is not the table’s', async () => {
      await expect(store.read([{ table: 'things', key: { other: 'x' } }])).rejects.toThrow('no key of the table things')
      await expect(store.read([{ table: 'nowhere', key: { id: 'x' } }])).rejects.toThrow('no table nowhere')
    })
  })

  describe('values', () => {
    it('come back as they were written, by insert, update, transaction and row', async () => {
      const values: Item = {
        status: 'reserved word',
        'a name with "quotes" and \'apostrophes\'': 1,
        text: 'naïve — ✓ 😀',
        empty: '',
        whole: 10 ** 9,
        negative: -1.5,
        small: 0.1,
        large: 9007199254740991,
        huge: 1e21,
        beyond: 1.5e300,
        tiny: -1e-200,
        zero: 0,
        yes: true,
        no: false,
        nothing: null,
        list: [],
        mixed: ['a', 1, null, [true, []], { deep: { er: [1.25] } }],
        map: {},
        nested: { key: { list: [{ a: 1 }, 'b'], none: null, beyond: [1e308] } },
        constructor: 'a name that JavaScript’s own objects have',
        named: { constructor: { name: 'Set' }, size: 1, list: [{ constructor: 'Map' }] },
        ofOthers: JSON.parse('{"__proto__":{"__proto__":1,"toString":"x"},"hasOwnProperty":2}') as Item,
      }
      const [inserted, transacted, other] = [newId(), newId(), newId('other')]
      const first = await put(inserted, values)
      expect(await readOne(inserted)).toEqual(first)

      const second = follow(item(inserted, 1, values), { ...values, list: [1], nested: {}, text: 'changed' })
      expect(await store.commit([second])).toEqual([COMMITTED])
      expect(await readOne(inserted)).toEqual(second.item)

      await put(other, { stock: 1 })
      expect(await store.commit([create(transacted, values, [take(other, 1)])])).toEqual([COMMITTED])
      expect(await readOne(transacted)).toEqual(item(transacted, 1, values))

      const row = {
        ref: { table: 'steps', key: { id: inserted, step: 's' } },
        item: { id: inserted, step: 's', ...values },
      }
      await store.writeRows([row])
      expect(await store.read([row.ref])).toEqual([row.item])
    })

    it('change, come and go whatever their fields are called', async () => {
      const first = await put(newId(), { toString: 'a', valueOf: 1, other: { __proto__: null, a: 1 } })
      const second = follow(first, { toString: 'b', constructor: 'c', other: { hasOwnProperty: 1 } })
      expect(await store.commit([second, create(newId())])).toEqual([COMMITTED, COMMITTED])
      expect(await readOne(idOf(first))).toEqual(second.item)
    })

    it('of numbers come back as they are, also those that are written with an exponent', async () => {
      const id = newId()
      const numbers = [
        1e21,
        1e-7,
        -1e100,
        1.7976931348623157e308,
        5e-324,
        2 ** 53 + 2,
        123456789012345680000,
        0.1 + 0.2,
      ]
      await put(id, { numbers })
      expect((await readOne(id))?.['numbers']).toEqual(numbers)
    })

    it('that only look like those beyond a table’s numbers are none', async () => {
      const id = newId()
      const fields = {
        a: { $number: '7' },
        b: { $number: 'x' },
        c: { $number: { $number: 'Infinity' } },
        d: [{ $number: 1e300 }],
      }
      await put(id, fields)
      expect(await readOne(id)).toEqual(item(id, 1, fields))
    })

    it('leaves out fields that are undefined', async () => {
      const id = newId()
      const fields = { kept: 1, gone: undefined } as unknown as Item
      expect(await store.commit([create(id, fields)])).toEqual([COMMITTED])
      expect(await readOne(id)).toEqual({ id, version: 1, kept: 1 })
    })

    it('do not change when the writer’s object does', async () => {
      const id = newId()
      const list = ['a']
      await put(id, { list })
      list.push('b')
      expect(await readOne(id)).toEqual(item(id, 1, { list: ['a'] }))
    })
  })

  describe('rows', () => {
    it('are written over whatever is there, and again without change', async () => {
      const key = { id: newId(), step: 'CREATED' }
      const row = { ref: { table: 'steps', key }, item: { ...key, at: 1 } }
      await store.writeRows([{ ...row, item: { ...key, at: 0, extra: true } }])
      await store.writeRows([row])
      await store.writeRows([row, row])
      expect(await store.read([row.ref])).toEqual([row.item])
    })

    it('are written by the hundred, to several tables, the later of two for one item last', async () => {
      const id = newId()
      const refs = Array.from(
        { length: 120 },
        (_, i): Ref =>
          i % 2 ? { table: 'steps', key: { id, step: `s${i}` } } : { table: 'events', key: { id, n: i } },
      )
      const rows = refs.map((ref, i) => ({ ref, item: { ...ref.key, i } }))
      const again = rows.map(({ ref }, i) => ({ ref, item: { ...ref.key, i: i * 10 } }))
      await store.writeRows([...rows, ...again])
      const found = await store.read(rows.map(({ ref }) => ref))
      expect(found.map(row => row?.['i'])).toEqual(rows.map((_, i) => i * 10))
    })

    it('that can never be written are told before any is', async () => {
      const id = newId()
      const rows: Row[] = [
        { ref: { table: 'steps', key: { id, step: 'a' } }, item: { id, step: 'a' } },
        { ref: { table: 'steps', key: { id, step: 'b' } }, item: { id, step: 'b', text: 'x'.repeat(410 * 1024) } },
      ]
      await expect(store.writeRows(rows)).rejects.toThrow(PoisonMessageError)
      expect(await store.read(rows.map(({ ref }) => ref))).toEqual([undefined, undefined])
    })
  })
}
