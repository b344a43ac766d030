import type { StreamUse } from '../model/aggregate.ts'
import type { Alongside, Item, Store } from '../model/ports.ts'
import { pagesOf } from '../delivery/pages.ts'

/** Events of one page; a stream has a few. */
const PAGE = 100

/** All events of a stream, in order. Throws RetryableError. */
export async function readWholeStream(
  store: Pick<Store, 'query'>,
  { name, partition }: StreamUse<never>['table'],
  id: string,
): Promise<Item[]> {
  const events: Item[] = []
  const query = { table: name, partition: { field: partition, value: id }, limit: PAGE }
  for await (const page of pagesOf(store, query)) events.push(...page)
  return events
}

/** The events among the writes alongside a commit. */
export const appended = (
  { table }: Pick<StreamUse<never>, 'table'>,
  alongside: readonly Alongside[] = [],
): readonly Item[] =>
  alongside.flatMap(change => (change.kind === 'insert' && change.ref.table === table.name ? [change.item] : []))
