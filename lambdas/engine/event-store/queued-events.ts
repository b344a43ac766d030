/** Which events of its stream wait for an aggregate that the stream drives, and in which order it handles them. */
import type { AnyAggregate, Message, StreamUse } from '../model/aggregate.ts'
import type { Item } from '../model/ports.ts'
import type { DeadRecord, Delivery, Work } from '../delivery/work.ts'

type Drives<State> = NonNullable<StreamUse<State>['drives']>

/** What one key's queue was made of. */
export interface Queued {
  /** Events that no trigger named. */
  readonly fromStream: readonly Delivery[]
  /** What was delivered: triggers and control messages. */
  readonly triggeredBy: readonly Delivery[]
}

/** What waits in its stream is handled before the messages that triggered or control it. Changes the work's queue. */
export function queueStreamEvents<State extends object>(
  work: Work<State>,
  stream: readonly Item[],
  { aggregate, drives }: { readonly aggregate: Pick<AnyAggregate, 'type'>; readonly drives: Drives<State> },
): Queued {
  const triggers = new Map(
    work.queue.filter(({ message }) => !message.control).map(trigger => [trigger.message.id, trigger]),
  )
  const { state, handled = [] } = work.stored ?? {}
  const done = drives.handled(state)
  const isStale = stream.slice(0, done).some(event => triggers.has(drives.asMessage(event).id))
  // A trigger for an event that was handled, or a control message, may have come before: more may have been handled
  // then, and what followed not been carried out.
  const triggerIds = new Set([
    ...triggers.keys(),
    ...(isStale || work.queue.some(({ message }) => message.control) ? handled : []),
  ])
  const events = eventsToHandle(stream, drives, { done, triggers: triggerIds, handled })
  const waiting = events.map(message => {
    const trigger = triggers.get(message.id)
    // As it is stored, and not as the trigger has it.
    if (trigger) trigger.message = message
    return trigger ?? deliveryOfEvent(aggregate, message)
  })
  const fromStream = waiting.filter(delivery => !triggers.has(delivery.message.id))
  const triggeredBy = work.queue
  work.queue = [...waiting, ...work.queue.filter(({ message }) => message.control)]
  return { fromStream, triggeredBy }
}

/**
 * What an aggregate that a stream drives has to handle: every event after the last one that it handled, and those that
 * are triggers and were handled by its last commit, as what that caused may not have been carried out.
 */
function eventsToHandle(
  stream: readonly Item[],
  drives: Pick<Drives<never>, 'asMessage'>,
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

/** An event that failed fails its triggers: they are delivered again. An event is no record, so it is never a dead letter. */
export function failTriggers({ fromStream, triggeredBy }: Queued, dead: DeadRecord[]): void {
  for (const delivery of [...fromStream, ...triggeredBy.filter(({ message }) => !message.control)]) {
    const at = dead.findIndex(({ record }) => record === delivery.record)
    if (at >= 0) delivery.failed ??= new Error(dead.splice(at, 1)[0]?.error)
  }
  const failed = fromStream.find(delivery => delivery.failed !== undefined)
  if (failed) for (const delivery of triggeredBy) delivery.failed ??= failed.failed
}

/** An event of the stream as if it had come as a record: it has no topic, and is no dead letter. */
export const deliveryOfEvent = ({ type }: Pick<AnyAggregate, 'type'>, message: Message): Delivery => ({
  record: {
    topic: `the stream of ${type} ${message.sagaId}`,
    partition: 0,
    offset: 0,
    timestamp: 0,
    key: null,
    value: null,
    headers: [],
  },
  message,
  traceparent: undefined,
})
