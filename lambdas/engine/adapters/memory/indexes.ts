import type { Table, TableIndex } from '../../model/aggregate.ts'
import type { Item, Key, Query, Value } from '../../model/ports.ts'
import { refId } from '../store-rules.ts'

/** The order of a table or of one of its indexes: which items a partition holds, by sort key. */
export interface MemoryIndex {
  /** The table's key and the index's: all that an index of keys holds. */
  readonly fields: readonly string[]
  replace(id: string, before: Item | undefined, after: Item): void
  /** The ids of one page, in its order. */
  select(query: Query): string[]
}

/** The part of an item that an index holds. */
export const indexOf = (index: MemoryIndex, item: Item): Item =>
  Object.fromEntries(index.fields.flatMap(field => (item[field] === undefined ? [] : [[field, item[field]]])))

export function makeIndex(table: Table, spec: TableIndex): MemoryIndex {
  const partitions = new Map<string, Map<string, Item>>()
  const sortField = spec.sort?.name
  const partitionOf = (item: Item | undefined): string | undefined => {
    const value = item?.[spec.partition]
    return typeof value === 'string' && (!sortField || item?.[sortField] !== undefined) ? value : undefined
  }
  const keys = [table.partition, table.sort?.name, spec.partition, sortField]

  /** By sort key, then by the table's own key, so that pages never overlap. */
  const compare = ([idA, a]: readonly [string, Item], [idB, b]: readonly [string, Item]): number =>
    (sortField ? compareValues(a[sortField], b[sortField]) : 0) || compareValues(idA, idB)

  return {
    fields: [...new Set(keys.filter(field => field !== undefined))],
    replace(id, before, after) {
      const from = partitionOf(before)
      const to = partitionOf(after)
      if (from !== undefined && from !== to) {
        const left = partitions.get(from)
        left?.delete(id)
        if (left?.size === 0) partitions.delete(from)
      }
      if (to === undefined) return
      const partition = partitions.get(to) ?? new Map<string, Item>()
      partitions.set(to, partition.set(id, after))
    },
    select({ partition, sort, descending, limit, after }) {
      const entries = [...(partitions.get(partition.value) ?? [])]
        .filter(([, item]) => !sort || within(item[sort.field], sort))
        .sort(compare)
      if (descending) entries.reverse()
      const start = after
        ? entries.findIndex(entry => isAfter(compare(entry, positionOf(table, after)), descending))
        : 0
      return start < 0 ? [] : entries.slice(start, start + limit).map(([id]) => id)
    },
  }
}

const isAfter = (order: number, descending: boolean | undefined) => (descending ? order < 0 : order > 0)

/** Where a page ended, also if that item has gone since. */
function positionOf(table: Table, after: Key): readonly [string, Item] {
  const keys = [table.partition, ...(table.sort ? [table.sort.name] : [])]
  const key = Object.fromEntries(keys.map(field => [field, after[field] ?? '']))
  return [refId(table, { table: table.name, key }), after]
}

const within = (value: Value | undefined, { from, to }: NonNullable<Query['sort']>) =>
  value !== undefined &&
  (from === undefined || compareValues(value, from) >= 0) &&
  (to === undefined || compareValues(value, to) <= 0)

function compareValues(a: Value | undefined, b: Value | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  throw new TypeError('a sort key is a string or a number, in all items the same')
}
