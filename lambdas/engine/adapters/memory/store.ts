import type { Table } from '../../model/aggregate.ts'
import { ownOf, setOwn } from '../../model/own.ts'
import type { Alongside, Commit, CommitResult, Item, Key, Query, Ref, Row, Store, Value } from '../../model/ports.ts'
import {
  commitIds,
  foundWritten,
  impossible,
  refId,
  requireKey,
  requireNumber,
  whyImpossible,
  whyNoItem,
} from '../store-rules.ts'
import { indexOf, type MemoryIndex, makeIndex } from './indexes.ts'

export interface MemoryStore extends Store {
  /** Every item of a table, in no particular order. */
  items(table: string): Item[]
}

interface Held {
  readonly table: Table
  readonly items: Map<string, Item>
  /** The table itself under '', its indexes under their names. */
  readonly indexes: ReadonlyMap<string, MemoryIndex>
}

/**
 * A store in memory with the conditions of DynamoDB. Nothing waits and nothing fails: who wants faults wraps it.
 * Items are frozen when they are written, so what is read can be handed out as it is.
 */
export function memoryStore(tables: readonly Table[]): MemoryStore {
  const held = new Map<string, Held>(tables.map(table => [table.name, hold(table)]))
  const heldOf = (name: string): Held => {
    const found = held.get(name)
    if (!found) throw new Error(`there is no table ${name}`)
    return found
  }
  const tableOf = (name: string) => heldOf(name).table
  const find = (ref: Ref): Item | undefined => {
    const { table, items } = heldOf(ref.table)
    return items.get(refId(table, ref))
  }
  const put = (ref: Ref, item: Item) => {
    const { table, items, indexes } = heldOf(ref.table)
    const id = refId(table, ref)
    const before = items.get(id)
    const after = frozenItem(item)
    items.set(id, after)
    for (const index of indexes.values()) index.replace(id, before, after)
  }

  const commitOne = (commit: Commit, id: string): CommitResult => {
    const { ref, previous, item, alongside = [] } = commit
    const error =
      whyImpossible(commit, id, tableOf) ?? alongside.map(change => whyNotAdded(change, find(change.ref))).find(Boolean)
    if (error) return { outcome: 'impossible', error }
    const present = find(ref)
    const lost = alongside.flatMap(change => {
      const there = find(change.ref)
      return holds(change, there) ? [] : [{ ref: change.ref, present: there }]
    })
    const same = present && previous ? present['version'] === previous['version'] : present === previous
    if (!same || lost.length > 0) return { outcome: 'lost', present, alongside: lost }
    put(ref, item)
    for (const change of alongside) put(change.ref, changed(change, find(change.ref)))
    return { outcome: 'committed' }
  }

  return {
    items: table => [...heldOf(table).items.values()],
    async read(refs, only) {
      return refs.map(ref => {
        const item = find(ref)
        return item && only ? picked(item, [...Object.keys(ref.key), ...only]) : item
      })
    },
    async commit(commits) {
      const ids = commitIds(commits, tableOf)
      return commits.map((commit, i) => foundWritten(commit, commitOne(commit, ids[i] ?? '')))
    },
    async writeRows(rows) {
      for (const row of rows) requireRow(tableOf(row.ref.table), row)
      for (const { ref, item } of rows) put(ref, item)
    },
    async query(query) {
      const { indexes, items } = heldOf(query.table)
      const index = indexes.get(query.index ?? '')
      if (!index) throw new Error(`the table ${query.table} has no index ${query.index}`)
      return page(query, index, id => items.get(id))
    },
  }
}

function hold(table: Table): Held {
  const own = makeIndex(table, { name: '', partition: table.partition, ...(table.sort && { sort: table.sort }) })
  const others = (table.indexes ?? []).map(index => [index.name, makeIndex(table, index)] as const)
  return { table, items: new Map(), indexes: new Map([['', own], ...others]) }
}

function requireRow(table: Table, row: Row): void {
  requireKey(row.ref, row.item)
  const why = whyNoItem(table, row)
  if (why) throw why
}

function holds(change: Alongside, present: Item | undefined): boolean {
  if (change.kind === 'insert') return present === undefined
  if (!present) return false
  const exact = Object.entries(change.equals ?? {}).every(([field, value]) => present[field] === value)
  const enough = Object.entries(change.atLeast ?? {}).every(([field, least]) => {
    const value = present[field]
    return typeof value === 'number' && value >= least
  })
  return exact && enough
}

/** DynamoDB refuses to add to what is no number; a field that is not there counts as 0. */
function whyNotAdded(change: Alongside, present: Item | undefined): Error | undefined {
  if (change.kind === 'insert' || !present) return undefined
  const wrong = Object.keys(change.add).find(field => !['number', 'undefined'].includes(typeof ownOf(present, field)))
  return wrong === undefined || !holds(change, present)
    ? undefined
    : impossible(change.ref, `its ${wrong} is no number`)
}

function changed(change: Alongside, present: Item | undefined): Item {
  if (change.kind === 'insert') return change.item
  const item: Record<string, Value> = { ...present }
  for (const [field, amount] of Object.entries(change.add)) item[field] = Number(ownOf(item, field) ?? 0) + amount
  return item
}

function page(query: Query, index: MemoryIndex, find: (id: string) => Item | undefined) {
  const ids = index.select(query)
  const items = ids.flatMap(id => {
    const item = find(id)
    return item ? [query.index ? indexOf(index, item) : item] : []
  })
  const last = items.at(-1)
  // Like DynamoDB: a full page says where it ended, also if nothing comes after it.
  if (!last || items.length < query.limit) return { items }
  return { items, next: indexOf(index, last) as Key }
}

const picked = (item: Item, fields: readonly string[]): Item =>
  Object.fromEntries(Object.entries(item).filter(([field]) => fields.includes(field)))

/** A copy that nobody can change, without fields that are undefined. */
function frozen(value: Value): Value {
  if (typeof value === 'number') return requireNumber(value)
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? frozenList(value) : frozenItem(value as Item)
}

function frozenList(list: readonly Value[]): Value {
  const copy: Value[] = []
  for (const element of list) copy.push(frozen(element))
  return Object.freeze(copy)
}

function frozenItem(item: Item): Item {
  const copy: Record<string, Value> = {}
  for (const name of Object.keys(item)) {
    const value = item[name]
    if (value !== undefined) setOwn(copy, name, frozen(value))
  }
  return Object.freeze(copy)
}
