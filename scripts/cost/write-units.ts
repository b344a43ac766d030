/**
 * What writes cost, by DynamoDB's rules: one unit a KiB of the larger of the old and the new item, twice that in a
 * transaction, and for each index one unit to enter it, one to leave it, two to move in it.
 */
import type { Table } from '#engine/model/aggregate.ts'
import { itemSizeBytes } from '#engine/adapters/item-size.ts'
import type { Item, Ref, Store } from '#engine/model/ports.ts'

const READS_MAX = 100
const STATEMENTS_MAX = 25

export interface Write {
  readonly table: string
  readonly base: number
  readonly indexes: number
  readonly bytes: number
}

export const unitsOfItem = (before: Item | undefined, after: Item | undefined) =>
  Math.max(1, Math.ceil(Math.max(before ? itemSizeBytes(before) : 0, after ? itemSizeBytes(after) : 0) / 1024))

/** For indexes that hold keys only. */
export function unitsOfIndexes(table: Table, before: Item | undefined, after: Item | undefined): number {
  let units = 0
  for (const { partition, sort } of table.indexes ?? []) {
    const entry = (item: Item | undefined) => {
      const keys = [item?.[partition], ...(sort ? [item?.[sort.name]] : [])]
      return keys.includes(undefined) ? undefined : JSON.stringify(keys)
    }
    const [was, is] = [entry(before), entry(after)]
    if (was !== is) units += (was === undefined ? 0 : 1) + (is === undefined ? 0 : 1)
  }
  return units
}

/** A store that notes what each write that went through costs. Reads items before it writes: for measuring only. */
export function metered(store: Store, tables: readonly Table[]) {
  const writes: Write[] = []
  /** As the DynamoDB adapter makes them: its batches, and a transaction for each commit with something alongside. */
  const calls = { read: 0, commit: 0, transaction: 0, rows: 0, query: 0 }
  /** Items that a consumer asks for by their keys, found or not, by table: each is a unit, up to 4 KB. */
  const asked: Record<string, number> = {}
  const tableOf = new Map(tables.map(table => [table.name, table]))
  const note = (ref: Ref, before: Item | undefined, after: Item | undefined, factor: number) => {
    const table = tableOf.get(ref.table)
    if (!table) throw new Error(`there is no table ${ref.table}`)
    writes.push({
      table: ref.table,
      base: unitsOfItem(before, after) * factor,
      indexes: unitsOfIndexes(table, before, after),
      bytes: after ? itemSizeBytes(after) : 0,
    })
  }
  const measured: Store = {
    read: (refs, only) => {
      for (const { table } of refs) asked[table] = (asked[table] ?? 0) + 1
      calls.read += Math.ceil(refs.length / READS_MAX)
      return store.read(refs, only)
    },
    query: query => (calls.query++, store.query(query)),
    async commit(commits) {
      const transactions = commits.filter(commit => (commit.alongside ?? []).length > 0).length
      calls.transaction += transactions
      calls.commit += Math.ceil((commits.length - transactions) / STATEMENTS_MAX)
      const others = commits.flatMap(commit => (commit.alongside ?? []).map(change => change.ref))
      const before = await store.read(others)
      const results = await store.commit(commits)
      const after = await store.read(others)
      let i = 0
      commits.forEach((commit, n) => {
        const alongside = commit.alongside ?? []
        const from = i
        i += alongside.length
        if (results[n]?.outcome !== 'committed') return
        const factor = alongside.length > 0 ? 2 : 1
        note(commit.ref, commit.previous, commit.item, factor)
        alongside.forEach((change, k) => note(change.ref, before[from + k], after[from + k], factor))
      })
      return results
    },
    async writeRows(rows) {
      calls.rows += Math.ceil(rows.length / STATEMENTS_MAX)
      const before = await store.read(rows.map(row => row.ref))
      await store.writeRows(rows)
      rows.forEach((row, n) => note(row.ref, before[n], row.item, 1))
    },
  }
  return { store: measured, writes, calls, asked }
}
