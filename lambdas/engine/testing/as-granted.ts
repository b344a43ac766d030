import type { FunctionTables, TableUse } from '../catalog/catalog.ts'
import type { Alongside, Commit, Store } from '../model/ports.ts'

/**
 * A store that throws at a commit for which its function has no use of the table in the catalog, and so no permission in
 * AWS. A commit that has nothing alongside may go with others in one call: it needs `insert` or `update`, also when it is alone.
 */
export function asGranted(name: string, tables: readonly FunctionTables[], store: Store): Store {
  const usesOf = (table: string): readonly TableUse[] =>
    tables.filter(each => each.table.name === table).flatMap(({ use }) => use)
  const require = (table: string, ...oneOf: readonly TableUse[]) => {
    if (!usesOf(table).some(use => oneOf.includes(use)))
      throw new Error(
        `${name} commits to ${table}, and the catalog does not say that it may ${oneOf.join(' or ')} there`,
      )
  }
  const check = ({ ref, previous, alongside = [] }: Commit) => {
    if (alongside.length === 0) require(ref.table, previous ? 'update' : 'insert')
    else require(ref.table, 'put', 'insert', 'update')
    for (const change of alongside) require(change.ref.table, ...neededFor(change))
  }
  return {
    // Asked for each time: tests put other ones in their place.
    read: (...asked) => store.read(...asked),
    query: asked => store.query(asked),
    writeRows: rows => store.writeRows(rows),
    commit(commits) {
      commits.forEach(check)
      return store.commit(commits)
    },
  }
}

const neededFor = ({ kind }: Alongside): readonly TableUse[] => (kind === 'add' ? ['add'] : ['put', 'insert'])
