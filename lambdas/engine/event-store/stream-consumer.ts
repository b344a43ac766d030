import type { Item } from '../model/ports.ts'
import { type Consumer, createConsumer } from '../delivery/consumer.ts'
import type { ConsumerSettings } from '../delivery/consumer-settings.ts'
import { batchProcessor } from '../delivery/process-batch.ts'
import { deliveryOfEvent } from './queued-events.ts'
import { streamExtension } from './stream-extension.ts'

export interface StreamConsumer extends Consumer {
  /**
   * The change feed of an event store delivered these events: they trigger their streams, which are handled up to their
   * ends, whatever came twice, late or not at all. What failed, by the event: it is to be delivered again. Throws for an
   * aggregate that no stream drives.
   */
  onStreamEvents(events: readonly Item[]): Promise<ReadonlyMap<Item, unknown>>
}

/** The consumer of an aggregate that may have a stream: it appends to one, or one drives it. */
export function createStreamConsumer<State extends object>(settings: ConsumerSettings<State>): StreamConsumer {
  const { aggregate, store } = settings
  const extension = aggregate.stream && streamExtension(aggregate, aggregate.stream, store)
  const processBatch = batchProcessor(settings, extension)

  return {
    ...createConsumer(settings, extension),
    async onStreamEvents(events) {
      const { drives } = aggregate.stream ?? {}
      if (!drives) throw new Error(`${aggregate.type} is not driven by a stream`)
      const triggers = new Map(events.map(event => [event, deliveryOfEvent(aggregate, drives.asMessage(event))]))
      await processBatch([...triggers.values()], [])
      return new Map(
        [...triggers].flatMap(([event, { failed }]) => (failed === undefined ? [] : [[event, failed] as const])),
      )
    },
  }
}
