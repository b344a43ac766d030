/** A consumer's part for event sourcing: each key's stream is read beside its item, and grows with what is appended. */
import type { Aggregate, StreamUse } from '../model/aggregate.ts'
import type { Item, Store } from '../model/ports.ts'
import type { BatchExtension, ConsumerExtension } from '../delivery/consumer-extension.ts'
import type { Work } from '../delivery/work.ts'
import { failTriggers, type Queued, queueStreamEvents } from './queued-events.ts'
import { appended, readWholeStream } from './read-stream.ts'

export const streamExtension = <State extends object>(
  aggregate: Aggregate<State>,
  stream: StreamUse<State>,
  store: Pick<Store, 'query'>,
): ConsumerExtension<State> => ({ startBatch: works => startBatch(works, { aggregate, stream, store }) })

function startBatch<State extends object>(
  works: readonly Work<State>[],
  {
    aggregate,
    stream,
    store,
  }: {
    readonly aggregate: Aggregate<State>
    readonly stream: StreamUse<State>
    readonly store: Pick<Store, 'query'>
  },
): BatchExtension<State> {
  const { table, drives } = stream
  const events = new Map<Work<State>, readonly Item[]>()
  const queued: Queued[] = []
  const eventsOf = (work: Work<State>) => events.get(work) ?? []

  return {
    read: () => Promise.all(works.map(read)),
    enqueue() {
      if (drives) for (const work of works) queued.push(queueStreamEvents(work, eventsOf(work), { aggregate, drives }))
    },
    streamAfter: (work, alongside) => [...eventsOf(work), ...appended(stream, alongside)],
    committed(work, alongside) {
      events.set(work, [...eventsOf(work), ...appended(stream, alongside)])
    },
    lostCondition(work, { ref, present }) {
      // Another appended first: its event is decided on too.
      if (present && ref.table === table.name) events.set(work, [...eventsOf(work), present])
    },
    finish(dead) {
      for (const one of queued) failTriggers(one, dead)
    },
  }

  /** Its whole stream; streams are short. */
  async function read(work: Work<State>): Promise<void> {
    const [first] = work.queue
    const id = first && stream.of(first.message)
    if (id !== undefined) events.set(work, await readWholeStream(store, table, id))
  }
}
