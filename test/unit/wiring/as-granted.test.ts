import { expect, it } from 'vitest'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import type { Alongside, Commit } from '#engine/model/ports.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { asGranted } from '#engine/testing/as-granted.ts'
import { catalogFor } from '../../../lambdas/catalog.ts'

const product = readCatalog(catalogFor('orchestration')).functions.find(({ name }) => name === 'product')
const tables = product?.tables ?? []
const store = asGranted('product', tables, memoryStore(tables.map(({ table }) => table)))
const ref = { table: 'reservations', key: { orderId: 'o1' } }
const item = { orderId: 'o1', version: 1 }
const created: Commit = { ref, previous: undefined, item }
const changed: Commit = { ref, previous: item, item: { ...item, version: 2 } }
const productRef = { table: 'products', key: { productId: 'tea' } }

it('lets a service commit as its catalog says', async () => {
  expect(await store.commit([created])).toMatchObject([{ outcome: 'committed' }])
  const stock: Alongside = { kind: 'add', ref: productRef, add: { stock: 1 } }
  expect(await store.commit([{ ...changed, alongside: [stock] }])).toHaveLength(1)
})

const puts: Commit = { ...created, alongside: [{ kind: 'insert', ref: productRef, item: { productId: 'tea' } }] }
const strange: Commit = { ...created, ref: { table: 'orders', key: ref.key } }
it.each([
  ['changes alone what it changes in transactions', changed, 'update'],
  ['puts what it only adds to', puts, 'put or insert'],
  ["writes to another's table", strange, 'insert'],
])('throws at one that %s', (_, commit, use) => {
  expect(() => store.commit([commit])).toThrow(new RegExp(`^product commits to .* ${use} there$`))
})
