/** What both stores hold a caller to, so that a mistake is the same mistake on either. */
import type { Table } from '../model/aggregate.ts'
import { PoisonMessageError } from '../model/errors.ts'
import {
  ALONGSIDE_MAX,
  type Commit,
  type CommitResult,
  type Item,
  type Ref,
  type Row,
  type Value,
} from '../model/ports.ts'
import { ITEM_BYTES_MAX, itemSizeBytes } from './item-size.ts'

/** A ref as text, the same for the same item. Throws if its key is not the table's: that is a mistake in the program. */
export function refId(table: Table, { key }: Ref): string {
  const partition = key[table.partition]
  const sort = table.sort ? key[table.sort.name] : undefined
  const fields = Object.keys(key).length
  const fits =
    typeof partition === 'string' && partition !== '' && fitsSort(table, sort) && fields === (table.sort ? 2 : 1)
  if (!fits) throw new Error(`${JSON.stringify(key)} is no key of the table ${table.name}`)
  return sort === undefined ? `${table.name}\0${partition}` : `${table.name}\0${partition}\0${sort}`
}

const fitsSort = (table: Table, sort: string | number | undefined) =>
  table.sort ? typeof sort === table.sort.type && sort !== '' : sort === undefined

/** The ids of the commits' own items. Throws if an item is committed twice in one call, or is not what its ref says. */
export function commitIds(commits: readonly Commit[], tableOf: (name: string) => Table): string[] {
  const seen = new Set<string>()
  return commits.map(({ ref, item }) => {
    const id = refId(tableOf(ref.table), ref)
    if (seen.has(id)) throw new Error(`${JSON.stringify(ref)} is committed twice in one call`)
    seen.add(id)
    requireKey(ref, item)
    return id
  })
}

/** Throws if the item's fields are not its key's. */
export function requireKey(ref: Ref, item: Item): void {
  for (const [field, value] of Object.entries(ref.key))
    if (item[field] !== value) throw new Error(`the item of ${JSON.stringify(ref)} has another ${field}`)
}

/** Why a commit can never be written; undefined if it can. */
export function whyImpossible(commit: Commit, id: string, tableOf: (name: string) => Table): Error | undefined {
  const { ref, item, alongside = [] } = commit
  if (alongside.length > ALONGSIDE_MAX)
    return impossible(ref, `it changes ${alongside.length} items alongside, ${ALONGSIDE_MAX} are the most`)
  const touched = new Set([id])
  for (const change of alongside) {
    const other = refId(tableOf(change.ref.table), change.ref)
    if (touched.has(other)) return impossible(ref, `it changes ${JSON.stringify(change.ref)} twice`)
    touched.add(other)
    if (change.kind === 'insert') requireKey(change.ref, change.item)
    const why = change.kind === 'insert' ? whyNoItem(tableOf(change.ref.table), change) : undefined
    if (why) return why
  }
  return whyNoItem(tableOf(ref.table), { ref, item })
}

/** Why an item can never be written: it is too large, or holds what an index or a table cannot. */
export function whyNoItem(table: Table, { ref, item }: Row): Error | undefined {
  const size = itemSizeBytes(item)
  if (size > ITEM_BYTES_MAX) return impossible(ref, `it has ${size} bytes, ${ITEM_BYTES_MAX} are the most`)
  for (const index of table.indexes ?? []) {
    const keys = [{ name: index.partition, type: 'string' }, ...(index.sort ? [index.sort] : [])]
    for (const { name, type } of keys) {
      const value = item[name]
      if (value !== undefined && (typeof value !== type || value === ''))
        return impossible(
          ref,
          `its ${name} is a key of the index ${index.name} and must be a ${type} that is not empty`,
        )
    }
  }
  return undefined
}

/** Never to be written: whoever retries it would retry for ever. */
export const impossible = (ref: Ref, why: string, cause?: unknown) =>
  new PoisonMessageError(`the item ${JSON.stringify(ref)} cannot be written: ${why}`, {
    code: 'ITEM_IMPOSSIBLE',
    cause,
  })

/** Throws for what JSON and a table do not have in common: NaN, infinities, functions. */
export function requireNumber(value: number): number {
  if (!Number.isFinite(value)) throw new TypeError(`${value} is no number that a table can keep`)
  return value
}

/** Whether two values are the same to a table. */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const one = a as { readonly [field: string]: Value }
  const other = b as { readonly [field: string]: Value }
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every(name => name in other && sameValue(one[name], other[name]))
  )
}

/**
 * A commit that lost against its own item was made: the client repeats a call whose answer was lost, and the first one
 * had been carried out, whatever was alongside included.
 */
export const foundWritten = (commit: Commit | undefined, result: CommitResult): CommitResult =>
  result.outcome === 'lost' && commit && sameValue(result.present, commit.item) ? { outcome: 'committed' } : result
