import type { Alongside, Item, Ref } from '../ports.ts'

/** A ref as text: the same for the same item, whatever its key is made of. */
export const refKey = (ref: Ref): string =>
  `${ref.table}/${JSON.stringify(
    Object.keys(ref.key)
      .sort()
      .map(field => ref.key[field]),
  )}`

/**
 * The changes of one fold, one for each item: a table takes one write of an item in a transaction. What is added is
 * summed; what must be there is the most that any of them needed, given those before it. What sums up to nothing is left out.
 */
export function mergeAlongside(changes: readonly Alongside[]): Alongside[] {
  const merged = new Map<
    string,
    { ref: Ref; add: Record<string, number>; atLeast: Record<string, number> } | Alongside
  >()
  for (const change of changes) {
    const id = refKey(change.ref)
    if (change.kind === 'insert') {
      merged.set(id, change)
      continue
    }
    const sum = merged.get(id)
    if (sum && 'kind' in sum && sum.kind === 'insert') {
      merged.set(id, { ...sum, item: added(sum.item, change.add) })
      continue
    }
    const before = sum && 'atLeast' in sum && !('kind' in sum) ? sum : { ref: change.ref, add: {}, atLeast: {} }
    const add: Record<string, number> = { ...before.add }
    const atLeast: Record<string, number> = { ...before.atLeast }
    for (const [field, needed] of Object.entries(change.atLeast ?? {}))
      atLeast[field] = Math.max(atLeast[field] ?? 0, needed - (add[field] ?? 0))
    for (const [field, amount] of Object.entries(change.add)) add[field] = (add[field] ?? 0) + amount
    merged.set(id, { ref: change.ref, add, atLeast })
  }
  return [...merged.values()].flatMap((change): Alongside[] => {
    if ('kind' in change) return [change]
    const add = Object.fromEntries(Object.entries(change.add).filter(([, amount]) => amount !== 0))
    if (Object.keys(add).length === 0) return []
    const atLeast = Object.fromEntries(Object.entries(change.atLeast).filter(([, needed]) => needed > 0))
    return [{ kind: 'add', ref: change.ref, add, ...(Object.keys(atLeast).length > 0 && { atLeast }) }]
  })
}

const added = (item: Item, add: Readonly<Record<string, number>>): Item => ({
  ...item,
  ...Object.fromEntries(Object.entries(add).map(([field, amount]) => [field, Number(item[field] ?? 0) + amount])),
})
