import { ownOf } from '../model/own.ts'
import type { Alongside, Item, Ref } from '../model/ports.ts'

/** A ref as text: the same for the same item, whatever its key is made of. */
export const refKey = (ref: Ref): string =>
  `${ref.table}/${JSON.stringify(
    Object.keys(ref.key)
      .sort()
      .map(field => ref.key[field]),
  )}`

type Add = Extract<Alongside, { kind: 'add' }>

/**
 * Changes of the same items as one change for each item: a table takes one write of an item in a transaction. What is
 * added is summed; what must be there is the most that any of them needs, given those before it.
 */
export function sumAlongside(changes: readonly Alongside[]): Alongside[] {
  const sums = new Map<string, Alongside>()
  for (const change of changes) {
    const id = refKey(change.ref)
    const before = sums.get(id)
    sums.set(id, before && change.kind === 'add' ? then(before, change) : change)
  }
  return [...sums.values()]
}

/** `sumAlongside` for one fold's changes: what sums up to nothing was never to be seen, and is left out. */
export const mergeAlongside = (changes: readonly Alongside[]): Alongside[] =>
  sumAlongside(changes).flatMap((change): Alongside[] => {
    if (change.kind === 'insert') return [change]
    const add = Object.fromEntries(Object.entries(change.add).filter(([, amount]) => amount !== 0))
    return Object.keys(add).length === 0 ? [] : [{ ...change, add }]
  })

function then(before: Alongside, { add: more, atLeast: needs = {} }: Add): Alongside {
  if (before.kind === 'insert') return { ...before, item: added(before.item, more) }
  const atLeast = { ...before.atLeast }
  for (const [field, needed] of Object.entries(needs)) {
    const here = needed - (before.add[field] ?? 0)
    if (here > (atLeast[field] ?? 0)) atLeast[field] = here
  }
  // What must be exact, must be so where the first one finds it.
  const add = { ...before.add }
  for (const [field, amount] of Object.entries(more)) add[field] = (add[field] ?? 0) + amount
  return {
    kind: 'add',
    ref: before.ref,
    add,
    ...(Object.keys(atLeast).length > 0 && { atLeast }),
    ...(before.equals && { equals: before.equals }),
  }
}

/** An item with amounts added to its numbers. */
export const added = (item: Item, add: Readonly<Record<string, number>>): Item => ({
  ...item,
  ...Object.fromEntries(
    Object.entries(add).map(([field, amount]) => [field, Number(ownOf(item, field) ?? 0) + amount]),
  ),
})
