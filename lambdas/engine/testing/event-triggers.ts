import type { Item, Store } from '../model/ports.ts'

/** Whatever is inserted into an event store triggers who is driven by it. */
export function triggering(store: Store, tables: ReadonlySet<string>, triggers: Item[]): Store {
  const commit: Store['commit'] = async commits => {
    const results = await store.commit(commits)
    for (const [i, { alongside = [] }] of commits.entries())
      if (results[i]?.outcome === 'committed')
        for (const change of alongside)
          if (change.kind === 'insert' && tables.has(change.ref.table)) triggers.push(change.item)
    return results
  }
  return { ...store, commit }
}
