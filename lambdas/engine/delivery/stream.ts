/** Event sourcing: an aggregate's stream of events, as a consumer reads it and hears it. */
import type { AnyAggregate, Message, StreamUse } from '../model/aggregate.ts'
import { pagesOf } from './pages.ts'
import type { Item, Store } from '../model/ports.ts'
import type { IncomingRecord } from './envelope.ts'

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

/** An event of the stream as if it had come as a record: it has no topic, and is no dead letter. */
export const recordOfEvent = ({ type }: AnyAggregate, { sagaId }: Message): IncomingRecord => ({
  topic: `the stream of ${type} ${sagaId}`,
  partition: 0,
  offset: 0,
  timestamp: 0,
  key: null,
  value: null,
  headers: [],
})

/**
 * What an aggregate that a stream drives has to hear: every event after the last one that it handled, and those that
 * rang and were handled by its last commit, as what that caused may not have been carried out.
 */
export function eventsToHandle(
  stream: readonly Item[],
  drives: Pick<NonNullable<StreamUse<never>['drives']>, 'asMessage'>,
  {
    done,
    triggers,
    handled,
  }: { readonly done: number; readonly triggers: ReadonlySet<string>; readonly handled: readonly string[] },
): Message[] {
  return stream.flatMap((event, i) => {
    const message = drives.asMessage(event)
    const again = triggers.has(message.id) && handled.includes(message.id)
    return i >= done || again ? [message] : []
  })
}
