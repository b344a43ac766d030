/** What can be wrong with what services declare as pending (`republish`). */
import { type Catalog, pendingOf } from './catalog.ts'

export function badRepublishing(catalog: Catalog): string[] {
  // Where nothing runs by the clock (in a test, in one process) nobody looks for anything.
  const isSwept =
    catalog.platform.every(({ everySeconds }) => everySeconds === undefined) ||
    catalog.platform.some(({ republishes }) => republishes)
  const services = catalog.domains.flatMap(({ services }) => services)
  return [
    ...services
      .filter(({ aggregate, http }) => http?.republish && !aggregate)
      .map(({ name }) => `service '${name}' declares what to republish but has no aggregate`),
    ...pendingOf(catalog).flatMap(({ aggregate: { type, table, indexed }, republish, sagas }) => {
      const { index, first, withoutSaga } = { ...republish, index: republish.index.index }
      const has = table.indexes?.some(one => JSON.stringify(one) === JSON.stringify(index))
      return [
        ...(isSwept
          ? []
          : [`nobody republishes what '${type}' declares as pending: give a platform function \`republishes\``]),
        ...(has && indexed
          ? []
          : [
              `'${type}' declares what to republish by the index '${index.name}', which its table '${table.name}' lacks: list it in the table's \`indexes\`, and give its fields in the aggregate's \`indexed\``,
            ]),
        ...(sagas.length > 0 || (first && withoutSaga)
          ? []
          : [
              `'${type}' declares what to republish, but no saga starts with what it publishes: say when to, by \`first\` and \`withoutSaga\``,
            ]),
      ]
    }),
  ]
}
