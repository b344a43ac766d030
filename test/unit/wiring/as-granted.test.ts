import { expect, it } from 'vitest'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import type { Alongside, Commit } from '#engine/model/ports.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { asGranted } from '#engine/testing/as-granted.ts'
import { catalogOf, paperTable, printService, ticketService } from '../../example/kiosk.ts'

/** It changes what it prints only with the paper that it takes. */
const careful = {
  ...printService,
  aggregateUse: ['read', 'insert'] as const,
  alsoUses: [{ table: paperTable, use: ['read', 'add'] as const }],
}
const { functions } = readCatalog(catalogOf({ services: [ticketService, careful] }))
const tables = functions.find(({ name }) => name === 'print')?.tables ?? []
const store = asGranted('print', tables, memoryStore(tables.map(({ table }) => table)))
const ref = { table: 'prints', key: { ticketId: 't1' } }
const item = { ticketId: 't1', version: 1 }
const created: Commit = { ref, previous: undefined, item }
const changed: Commit = { ref, previous: item, item: { ...item, version: 2 } }
const paper = { table: 'paper', key: { printer: 'p1' } }

it('lets a service commit as its catalog says', async () => {
  expect(await store.commit([created])).toMatchObject([{ outcome: 'committed' }])
  const taken: Alongside = { kind: 'add', ref: paper, add: { sheets: 1 } }
  expect(await store.commit([{ ...changed, alongside: [taken] }])).toHaveLength(1)
})

const puts: Commit = { ...created, alongside: [{ kind: 'insert', ref: paper, item: { printer: 'p1' } }] }
const strange: Commit = { ...created, ref: { table: 'tickets', key: ref.key } }
it.each([
  ['changes alone what it changes in transactions', changed, 'update'],
  ['puts what it only adds to', puts, 'put or insert'],
  ["writes to another's table", strange, 'insert'],
])('throws at one that %s', (_, commit, use) => {
  expect(() => store.commit([commit])).toThrow(new RegExp(`^print commits to .* ${use} there$`))
})
