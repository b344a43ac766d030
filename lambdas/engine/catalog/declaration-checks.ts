/** What a catalog declares in two places, though it is one thing: in sentences that say what to do about it. */
import type { Table } from '../model/aggregate.ts'
import { historyTable, sagasTable } from '../saga/saga-tables.ts'
import type { Catalog } from './catalog.ts'
import type { Member } from './wiring-members.ts'

export const findDoubleDeclarations = (catalog: Catalog, members: readonly Member[]): string[] => [
  ...sameTables(members),
  ...tablesOfOneName(catalog),
  ...sharedAggregates(catalog),
]

function sameTables(members: readonly Member[]): string[] {
  const shapes = new Map<string, Set<string>>()
  for (const { tables, feeds, streams } of members)
    for (const table of [...tables.map(({ table }) => table), ...feeds, ...streams])
      shapes.set(table.name, (shapes.get(table.name) ?? new Set()).add(shapeOf(table)))
  return [
    ...[...shapes]
      .filter(([, of]) => of.size > 1)
      .map(
        ([name]) =>
          `the table '${name}' is declared twice, with different keys or indexes: declare it once, and import that`,
      ),
    ...[...shapes.keys()]
      .filter(name => !/^[a-z][a-z0-9-]{2,200}$/.test(name))
      .map(name => `the table '${name}' needs a name of at least 3 small letters, digits and dashes`),
  ]
}
const shapeOf = ({ partition, sort, indexes = [], expires }: Table) =>
  JSON.stringify([
    partition,
    sort?.name,
    sort?.type,
    indexes.map(({ name, partition, sort }) => [name, partition, sort?.name, sort?.type]),
    expires,
  ])

/** A second declaration is changed without the first one day: an index that one of them has not. */
function tablesOfOneName(catalog: Catalog): string[] {
  const byName = new Map<string, Map<Table, string>>()
  for (const { table, by } of declaredTables(catalog)) {
    const known = byName.get(table.name) ?? new Map<Table, string>()
    byName.set(table.name, known.set(table, known.get(table) ?? by))
  }
  return [...byName].flatMap(([name, tables]) =>
    tables.size > 1
      ? [
          `the table '${name}' is declared in ${tables.size} places, for ${[...tables.values()].join(' and for ')}: declare it once, and import that`,
        ]
      : [],
  )
}

const declaredTables = ({ domains, platform }: Catalog): { readonly table: Table; readonly by: string }[] => [
  { table: sagasTable, by: 'the orchestrators' },
  ...domains.flatMap(({ name, services, sagas, eventStore }) => [
    ...services.flatMap(({ name, aggregate, alsoUses = [], http }) =>
      [
        ...(aggregate ? [aggregate.table] : []),
        ...(aggregate?.stream ? [aggregate.stream.table] : []),
        ...[...alsoUses, ...(http?.tables ?? [])].map(({ table }) => table),
      ].map(table => ({ table, by: `the service '${name}'` })),
    ),
    ...sagas.flatMap(({ name, history, key }) =>
      history ? [{ table: historyTable(history.table, key), by: `the saga '${name}'` }] : [],
    ),
    ...(eventStore ? [{ table: eventStore.table, by: `the event store of '${name}'` }] : []),
  ]),
  ...platform.flatMap(({ name, tables, feeds = [] }) =>
    [...tables.map(({ table }) => table), ...feeds].map(table => ({ table, by: `the function '${name}'` })),
  ),
]

/** An aggregate has one service, which handles its commands: what is about it goes to that one's topics. */
function sharedAggregates({ domains }: Catalog): string[] {
  const byAbout = new Map<string, Map<string, string>>()
  for (const { name, aggregate } of domains.flatMap(({ services }) => services))
    for (const { about, kind, type } of aggregate?.handles ?? [])
      if (kind === 'command') {
        const services = byAbout.get(about) ?? new Map<string, string>()
        byAbout.set(about, services.set(name, services.get(name) ?? type))
      }
  return [...byAbout].flatMap(([about, services]) =>
    services.size > 1
      ? [
          `'${about}' is the aggregate of two services: ${[...services].map(([name, type]) => `'${name}' handles ${type}`).join(', ')}. Give each its own name in \`messagesOf\`, and import what is another's from its contract`,
        ]
      : [],
  )
}
