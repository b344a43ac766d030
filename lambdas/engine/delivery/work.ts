/** What a consumer keeps while it handles one batch: each message's delivery, and the work on each key. */
import type { Message } from '../model/aggregate.ts'
import type { Ref } from '../model/ports.ts'
import type { BatchDecision } from './batch-decision.ts'
import type { PoisonReason } from './envelope.ts'
import type { IncomingRecord } from './incoming-record.ts'
import type { Stored } from './stored-item.ts'

/** A record that goes to the dead-letter topic, and why. */
export interface DeadRecord {
  readonly record: IncomingRecord
  readonly reason: PoisonReason
  readonly error: string
}

/** One delivery of one message. */
export interface Delivery {
  readonly record: IncomingRecord
  message: Message
  readonly traceparent: string | undefined
  /** The other items that deciding on it looks at. */
  reads?: readonly Ref[] | undefined
  /** Why it must be delivered again. */
  failed?: unknown
}

/** The work on one key in one batch. */
export interface Work<State> {
  readonly key: string
  /** What still waits for a decision. */
  queue: Delivery[]
  stored: Stored<State> | undefined
  /** An earlier commit of this batch was for deliveries that are not acknowledged yet. */
  hasUnacknowledged: boolean
  lostConditions: number
  /** Outside calls made for the message at the head of the queue. */
  calls: number
  /** 1 after an item became too large: to find the message that does it. */
  maxMessages: number | undefined
  call:
    | {
        readonly delivery: Delivery
        readonly answer?: { readonly value: unknown; readonly call: string }
        readonly pending?: BatchDecision<State>['call']
      }
    | undefined
}

/** A decision on the first messages of a key's queue. */
export interface Planned<State> {
  readonly work: Work<State>
  readonly decision: BatchDecision<State>
  readonly taken: readonly Delivery[]
}

/** The deliveries by the key that handles them, in the order in which they came. */
export function groupByKey<State>(
  deliveries: readonly Delivery[],
  keyOf: (delivery: Delivery) => string | undefined,
): Work<State>[] {
  const queues = new Map<string, Delivery[]>()
  for (const delivery of deliveries) {
    const key = keyOf(delivery)
    if (key === undefined) continue
    const queue = queues.get(key)
    if (queue) queue.push(delivery)
    else queues.set(key, [delivery])
  }
  return [...queues].map(([key, queue]) => ({
    key,
    queue,
    stored: undefined,
    hasUnacknowledged: false,
    lostConditions: 0,
    calls: 0,
    maxMessages: undefined,
    call: undefined,
  }))
}

/** Whatever waits for this key is delivered again. */
export function failWork<State>(work: Work<State>, error: unknown): void {
  for (const delivery of work.queue) delivery.failed = error
  work.queue = []
  work.call = undefined
}

/** The message at the head of the queue goes to the dead letters; the next ones go on. */
export function skipFirst<State>(work: Work<State>): void {
  work.queue = work.queue.slice(1)
  work.call = undefined
}
