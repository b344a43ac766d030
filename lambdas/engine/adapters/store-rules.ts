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
  const fits = typeof partition === 'string' && fitsSort(table, sort) && fields === (table.sort ? 2 : 1)
  if (!fits) throw new Error(`${JSON.stringify(key)} is no key of the table ${table.name}`)
  return sort === undefined ? `${table.name}\0${partition}` : `${table.name}\0${partition}\0${sort}`
}

const fitsSort = (table: Table, sort: string | number | undefined) =>
  table.sort ? typeof sort === table.sort.type : sort === undefined

/** Bytes of UTF-8 that DynamoDB takes in a key. */
const PARTITION_BYTES_MAX = 2048
const SORT_BYTES_MAX = 1024

/** Whether a table can have an item of this key. Where it can't there is none to be read, and none can be written. */
export const canHold = (table: Table, { key }: Ref): boolean =>
  isKeyText(key[table.partition], PARTITION_BYTES_MAX) &&
  (!table.sort || isKeyText(key[table.sort.name], SORT_BYTES_MAX))

/** A number is one. Of a text that is short enough in bytes whatever it holds, they are not counted. */
const isKeyText = (value: Value | undefined, bytesMax: number) =>
  typeof value !== 'string' ||
  (value !== '' && (value.length * 3 <= bytesMax || Buffer.byteLength(value) <= bytesMax) && value.isWellFormed())

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
    const why =
      change.kind === 'insert'
        ? whyNoItem(tableOf(change.ref.table), change)
        : whyNoKey(tableOf(change.ref.table), change.ref)
    if (why) return why
  }
  return whyNoItem(tableOf(ref.table), { ref, item })
}

/** Why there is no item of this key, and never will be. The key is not shown: it is the longest that there is. */
const whyNoKey = (table: Table, ref: Ref): Error | undefined =>
  canHold(table, ref)
    ? undefined
    : impossible(
        { table: ref.table, key: {} },
        `a key of it is empty, has half a character, or more than ${PARTITION_BYTES_MAX} bytes (to sort by: ${SORT_BYTES_MAX})`,
      )

/** Why an item can never be written: it is too large, or holds what an index or a table cannot. */
export function whyNoItem(table: Table, { ref, item }: Row): Error | undefined {
  const unfit = whyNoKey(table, ref)
  if (unfit) return unfit
  const size = itemSizeBytes(item)
  // What reads it back leaves a field of that name out, of the item itself; inside of it it is a field as any other.
  if (Object.hasOwn(item, '__proto__')) return impossible(ref, 'it has a field __proto__: name it otherwise')
  if (Number.isNaN(size)) return impossible(ref, 'there is half a character (a lone surrogate) in it')
  if (size > ITEM_BYTES_MAX) return impossible(ref, `it has ${size} bytes, ${ITEM_BYTES_MAX} are the most`)
  for (const index of table.indexes ?? []) {
    const keys = [
      { name: index.partition, type: 'string', bytesMax: PARTITION_BYTES_MAX },
      ...(index.sort ? [{ ...index.sort, bytesMax: SORT_BYTES_MAX }] : []),
    ]
    for (const { name, type, bytesMax } of keys) {
      const value = item[name]
      if (value !== undefined && (typeof value !== type || !isKeyText(value, bytesMax)))
        return impossible(
          ref,
          `its ${name} is a key of the index ${index.name} and must be a ${type} that is not empty, of at most ${bytesMax} bytes`,
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
    names.every(name => Object.hasOwn(other, name) && sameValue(one[name], other[name]))
  )
}

/**
 * A commit that lost against its own item was made: the client repeats a call whose answer was lost, and the first one
 * had been carried out, whatever was alongside included.
 */
export const foundWritten = (commit: Commit | undefined, result: CommitResult): CommitResult =>
  result.outcome === 'lost' && commit && sameValue(result.present, commit.item) ? { outcome: 'committed' } : result
