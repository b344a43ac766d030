/**
 * The shell around an aggregate: a batch of records in, the records that must be delivered again out.
 *
 * parse → read → decide → commit → (call → decide → commit) → say what it caused → acknowledge. A record is
 * acknowledged only after everything that it caused is said. Nothing here decides anything about a domain.
 */
import type { Aggregate, AnyAggregate, Message, StreamUse } from '../model/aggregate.ts'
import { PoisonMessageError, RetryableError } from '../model/errors.ts'
import type { Alongside, Clock, CommitResult, Item, Log, Measure, Publisher, Ref, Store } from '../model/ports.ts'
import { added, refKey } from './alongside.ts'
import { deadLetter } from './dead-letter.ts'
import { type IncomingRecord, parseRecord, type PoisonReason, type Vocabulary } from './envelope.ts'
import { appended, type BatchDecision, decideBatch } from './decide-batch.ts'
import { itemKeyOf, type Stored, unpackItem } from './stored-item.ts'
import { senderIdOf } from './message-identity.ts'
import { effectsPublisher } from './publish-effects.ts'
import { logHandled } from './message-log.ts'
import { eventsToHandle, readWholeStream, recordOfEvent } from './stream.ts'
import type { TopicOf } from './topics.ts'

/** Makes one kind of outside call. Throws RetryableError if it is certain that it had no effect yet. */
export type Caller = (request: never) => Promise<unknown>

export interface ConsumerSettings<State extends object> {
  /** Its consumer groups and dead letters bear this name. */
  readonly name: string
  readonly aggregate: Aggregate<State>
  readonly store: Store
  readonly publisher: Publisher
  readonly clock: Clock
  readonly log: Log
  readonly topicOf: TopicOf
  /** What it knows of each topic that it reads, by the topic's name without prefix. */
  readonly vocabulary: (topic: string) => Vocabulary
  readonly calls?: Readonly<Record<string, Caller>>
  readonly limits?: Partial<typeof LIMITS>
}

export const LIMITS = {
  /** Times that one key's decision is made again after a lost condition, before its records are delivered again. */
  lostConditionsMax: 10,
  /** Outside calls at once. */
  callsAtOnce: 64,
  /** Outside calls that one message may ask for, one after the other. */
  callsAMessageMax: 5,
} as const

/** A record that must be delivered again, and why. Every later one of its partition is among them too. */
export interface Failed {
  readonly record: IncomingRecord
  readonly error: unknown
}

export interface Consumer {
  handle(records: readonly IncomingRecord[]): Promise<Failed[]>
  /**
   * A change feed rang: the streams of these events are handled up to their ends, whatever came twice, late or not at
   * all. What failed, by the event; it is rung again. Only for an aggregate that a stream drives.
   */
  onStreamEvents(events: readonly Item[]): Promise<ReadonlyMap<Item, unknown>>
}

interface DeadRecord {
  readonly record: IncomingRecord
  readonly reason: PoisonReason
  readonly error: string
}

/** One delivery of one message. */
interface Delivery {
  readonly record: IncomingRecord
  message: Message
  readonly traceparent: string | undefined
  failed?: unknown
}

/** The work on one key in one batch. */
interface Work<State> {
  readonly key: string
  /** What still waits for a decision. */
  queue: Delivery[]
  stored: Stored<State> | undefined
  /** The events of its stream. */
  stream: readonly Item[]
  /** Of an aggregate that a stream drives: the events that are heard first, and what made it look. */
  fromStream: readonly Delivery[]
  triggeredBy: readonly Delivery[]
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

interface Planned<State> {
  readonly work: Work<State>
  readonly decision: BatchDecision<State>
  readonly taken: readonly Delivery[]
}

export function createConsumer<State extends object>(settings: ConsumerSettings<State>): Consumer {
  const { name, aggregate, store, publisher, clock, log, calls = {} } = settings
  const limits = { ...LIMITS, ...settings.limits }
  const publishEffects = effectsPublisher({ aggregate: aggregate, store, publisher, topicOf: settings.topicOf })

  return { handle, onStreamEvents }

  async function handle(records: readonly IncomingRecord[]): Promise<Failed[]> {
    const failures = new Map<IncomingRecord, unknown>()
    const dead: DeadRecord[] = []
    const deliveries = parse(records, dead)
    try {
      await work(deliveries, dead)
    } catch (error) {
      for (const delivery of deliveries) delivery.failed ??= error
    }
    for (const delivery of deliveries) if (delivery.failed !== undefined) failures.set(delivery.record, delivery.failed)
    await publishDeadLetters(dead, failures)
    return inOrder(records, failures)
  }

  async function onStreamEvents(events: readonly Item[]): Promise<ReadonlyMap<Item, unknown>> {
    const { drives } = aggregate.stream ?? {}
    if (!drives) throw new Error(`${aggregate.type} is not driven by a stream`)
    const triggers = new Map(events.map(event => [event, deliveryOfEvent(aggregate, drives.asMessage(event))]))
    const deliveries = [...triggers.values()]
    try {
      await work(deliveries, [])
    } catch (error) {
      for (const delivery of deliveries) delivery.failed ??= error
    }
    return new Map(
      [...triggers].flatMap(([event, { failed }]) => (failed === undefined ? [] : [[event, failed] as const])),
    )
  }

  function parse(records: readonly IncomingRecord[], dead: DeadRecord[]) {
    const deliveries: Delivery[] = []
    for (const record of records) {
      const parsed = parseRecord(record, settings.vocabulary(record.topic))
      if (parsed.kind === 'heard') deliveries.push({ record, message: parsed.message, traceparent: parsed.traceparent })
      else if (parsed.kind === 'poison') dead.push({ record, reason: parsed.reason, error: parsed.error })
      else log.count('notOurs', 1)
    }
    return deliveries
  }

  /** Rounds: decide and commit for every key at once, say what that caused, make the calls, and so on until nothing waits. */
  async function work(deliveries: readonly Delivery[], dead: DeadRecord[]) {
    if (deliveries.length === 0) return
    const works = group(deliveries)
    const seen = await readAll(works, deliveries)
    if (aggregate.stream?.drives) for (const work of works) queueStreamEvents(work, aggregate.stream.drives)
    const now = clock.now()
    let open = works.filter(work => work.queue.length > 0)
    while (open.length > 0) {
      const done: Planned<State>[] = []
      let waiting = open
      while (waiting.length > 0) waiting = await commitWave(waiting, seen, now, done, dead)
      await carryOut(done)
      open = done.map(({ work }) => work).filter(work => work.queue.length > 0)
      await makeCalls(open, dead)
      open = open.filter(work => work.queue.length > 0)
    }
    failTriggers(works, dead)
  }

  /**
   * Decides and commits for every key. One decision counts on what those before it take from a shared item, as long as its
   * own commit has a condition on that item; one that only looks at such an item waits until it is known what was taken.
   */
  async function commitWave(
    works: readonly Work<State>[],
    seen: Map<string, Item | undefined>,
    now: number,
    done: Planned<State>[],
    dead: DeadRecord[],
  ): Promise<Work<State>[]> {
    const later: Work<State>[] = []
    const wave: Planned<State>[] = []
    /** What is changed in this wave, as it will be. */
    const changed = new Map<string, Item | undefined>()
    for (const work of works) {
      const counted = new Set<string>()
      const planned = plan(work, now, ref => {
        const id = refKey(ref)
        if (!changed.has(id)) return seen.get(id)
        counted.add(id)
        return changed.get(id)
      })
      const changes = planned.decision.commit?.alongside ?? []
      for (const change of changes) counted.delete(refKey(change.ref))
      if (counted.size > 0) {
        later.push(work)
        continue
      }
      if (!planned.decision.commit) finish(planned, done, dead)
      else {
        wave.push(planned)
        for (const change of changes) changed.set(refKey(change.ref), after(changed, seen, change))
      }
    }
    const results = wave.length === 0 ? [] : await commitAll(wave)
    const measured: Measure[] = []
    wave.forEach((planned, i) => {
      const { work, decision } = planned
      const result = results[i] as CommitResult
      if (result.outcome === 'committed') {
        if (decision.commit)
          measured.push(...(aggregate.measures?.(work.stored?.state, decision.commit.stored.state) ?? []))
        work.stored = decision.commit?.stored
        work.hasUnacknowledged = true
        for (const change of decision.commit?.alongside ?? []) seen.set(refKey(change.ref), after(seen, seen, change))
        work.stream = [...work.stream, ...appended(aggregate, decision.commit?.alongside)]
        finish(planned, done, dead)
      } else if (result.outcome === 'lost') {
        log.count('lostConditions', 1)
        work.stored = result.present ? unpackItem<State>(result.present) : work.stored
        for (const other of result.alongside) {
          seen.set(refKey(other.ref), other.present)
          // Another appended first: its event is decided on too.
          if (other.present && other.ref.table === aggregate.stream?.table.name)
            work.stream = [...work.stream, other.present]
        }
        if (++work.lostConditions > limits.lostConditionsMax)
          fail(
            work,
            new RetryableError(
              `${aggregate.type} ${work.key} changed ${work.lostConditions} times while it was decided on`,
              {
                code: 'CONTENTION',
                sagaId: work.key,
              },
            ),
          )
        else later.push(restarted(work))
      } else if (result.outcome === 'failed') fail(work, result.error)
      else if (planned.taken.length > 1) {
        work.maxMessages = 1
        later.push(work)
      } else {
        const [delivery] = planned.taken
        if (delivery) dead.push({ record: delivery.record, reason: 'TOO_LARGE', error: result.error.message })
        work.queue = work.queue.slice(1)
        work.call = undefined
        if (work.queue.length > 0) later.push(work)
      }
    })
    if (measured.length > 0) log.measure(measured)
    return later
  }

  function plan(work: Work<State>, now: number, read: (ref: Ref) => Item | undefined): Planned<State> {
    const decision = decideBatch({
      aggregate,
      key: work.key,
      stored: work.stored,
      message: work.queue.map(delivery => delivery.message),
      now,
      read,
      stream: work.stream,
      hasUnacknowledged: work.hasUnacknowledged,
      ...(work.call?.answer && { answer: work.call.answer }),
      ...(work.maxMessages !== undefined && { maxMessages: work.maxMessages }),
    })
    return { work, decision, taken: work.queue.slice(0, decision.taken) }
  }

  async function commitAll(wave: readonly Planned<State>[]): Promise<CommitResult[]> {
    return store.commit(
      wave.map(({ work, decision }) => ({
        ref: itemKeyOf(aggregate, work.key),
        previous: work.stored?.item,
        item: decision.commit?.stored.item as Item,
        ...(decision.commit && decision.commit.alongside.length > 0 && { alongside: decision.commit.alongside }),
      })),
    )
  }

  /** Another writer was first. An answer that came meanwhile was for a state that is gone: its message is decided on from the start. */
  function restarted(work: Work<State>): Work<State> {
    work.call = undefined
    return work
  }

  /** The decisions on these messages stand. */
  function finish(planned: Planned<State>, done: Planned<State>[], dead: DeadRecord[]) {
    const { work, decision, taken } = planned
    for (const [i, { message, fate, why, error, unexpected }] of decision.fates.entries()) {
      const delivery = taken[i] as Delivery
      if (unexpected) {
        log.count('unexpectedEffects', 1)
        log.error('message.unexpected-effect', {
          code: 'UNEXPECTED_EFFECT',
          sagaId: message.sagaId,
          messageId: senderIdOf(message.id),
          type: message.type,
          why: 'it says that a step was done which its saga has refused, given up or undone',
        })
      }
      if (fate === 'again') {
        log.count('duplicates', 1)
        // Not acknowledged yet: a commit of this batch must not forget it.
        work.hasUnacknowledged = true
      }
      if (fate === 'ignored') {
        log.count('ignored', 1)
        log.info('message.ignored', {
          sagaId: message.sagaId,
          messageId: senderIdOf(message.id),
          type: message.type,
          why,
        })
      }
      if (fate === 'refused') dead.push({ record: delivery.record, reason: 'REFUSED', error: why ?? 'refused' })
      if (fate === 'bug') {
        if (error instanceof PoisonMessageError)
          dead.push({ record: delivery.record, reason: 'REFUSED', error: error.message })
        else {
          log.error('message.rules-threw', {
            sagaId: message.sagaId,
            messageId: senderIdOf(message.id),
            type: message.type,
            error,
          })
          delivery.failed = error ?? new Error('a decision threw')
        }
      }
    }
    const last = decision.fates.at(-1)
    const lastDelivery = taken.at(-1)
    // What follows a failed message of the same key waits for its redelivery.
    if (last?.fate === 'bug' && lastDelivery?.failed !== undefined)
      for (const delivery of work.queue.slice(taken.length)) delivery.failed = lastDelivery.failed
    const stays = decision.call ? taken.length - 1 : taken.length
    work.queue = last?.fate === 'bug' && lastDelivery?.failed !== undefined ? [] : work.queue.slice(stays)
    if (!decision.call) work.calls = 0
    work.call = decision.call && lastDelivery ? { delivery: lastDelivery, pending: decision.call } : undefined
    work.maxMessages = undefined
    done.push(planned)
  }

  function fail(work: Work<State>, error: unknown) {
    for (const delivery of work.queue) delivery.failed = error
    work.queue = []
    work.call = undefined
  }

  /** Says and writes what the commits caused. What can't be said now is said when its messages are delivered again. */
  async function carryOut(done: readonly Planned<State>[]) {
    const trace = new Map<string, string | undefined>()
    for (const { taken } of done) for (const delivery of taken) trace.set(delivery.message.id, delivery.traceparent)
    try {
      await publishEffects(
        done.map(({ decision }) => decision.effects),
        cause => trace.get(cause),
      )
      for (const { decision } of done) logHandled(log, decision, id => trace.get(id))
    } catch (error) {
      for (const { work, taken } of done) {
        for (const delivery of taken) delivery.failed ??= error
        fail(work, error)
      }
    }
  }

  async function makeCalls(works: readonly Work<State>[], dead: DeadRecord[]) {
    const waiting = works.filter(work => work.call?.pending !== undefined)
    let next = 0
    const worker = async () => {
      for (let work = waiting[next++]; work !== undefined; work = waiting[next++]) {
        const pending = work.call?.pending
        const delivery = work.call?.delivery
        if (!pending || !delivery) continue
        try {
          const caller = calls[pending.call.name]
          if (!caller) throw new Error(`nobody makes the call ${pending.call.name}`)
          if (++work.calls > limits.callsAMessageMax)
            throw new Error(`${aggregate.type} ${work.key} asks for one call after the other`)
          work.call = {
            delivery,
            answer: { value: await caller(pending.call.request as never), call: pending.call.name },
          }
        } catch (error) {
          if (error instanceof PoisonMessageError) {
            dead.push({ record: delivery.record, reason: 'REFUSED', error: error.message })
            work.queue = work.queue.slice(1)
            work.call = undefined
            work.calls = 0
          } else fail(work, error)
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(limits.callsAtOnce, waiting.length) }, worker))
  }

  function group(deliveries: readonly Delivery[]): Work<State>[] {
    const works = new Map<string, Work<State>>()
    for (const delivery of deliveries) {
      const key = aggregate.key?.(delivery.message) ?? delivery.message.sagaId
      const work = works.get(key)
      if (work) work.queue.push(delivery)
      else
        works.set(key, {
          key,
          queue: [delivery],
          stored: undefined,
          stream: [],
          fromStream: [],
          triggeredBy: [],
          hasUnacknowledged: false,
          lostConditions: 0,
          calls: 0,
          maxMessages: undefined,
          call: undefined,
        })
    }
    return [...works.values()]
  }

  /** One batched read: every key's item and whatever else its messages' decisions look at. */
  async function readAll(
    works: readonly Work<State>[],
    deliveries: readonly Delivery[],
  ): Promise<Map<string, Item | undefined>> {
    const others = new Map<string, Ref>()
    for (const { message } of deliveries)
      for (const ref of aggregate.reads?.(message) ?? []) others.set(refKey(ref), ref)
    const own = works.map(work => itemKeyOf(aggregate, work.key))
    const [items] = await Promise.all([
      store.read([...own, ...others.values()]),
      ...works.map(work => readStream(work)),
    ])
    works.forEach((work, i) => {
      const item = items[i]
      if (item) work.stored = unpackItem<State>(item)
    })
    return new Map([...others.keys()].map((id, i) => [id, items[own.length + i]]))
  }

  /** Its whole stream; streams are short. */
  async function readStream(work: Work<State>): Promise<void> {
    const { stream } = aggregate
    const [first] = work.queue
    const id = first && stream?.of(first.message)
    if (!stream || id === undefined) return
    work.stream = await readWholeStream(store, stream.table, id)
  }

  /** What waits in its stream is heard before the messages that rang or control it. */
  function queueStreamEvents(work: Work<State>, drives: NonNullable<StreamUse<State>['drives']>) {
    const triggers = new Map(
      work.queue.filter(({ message }) => !message.control).map(trigger => [trigger.message.id, trigger]),
    )
    const { state, handled = [] } = work.stored ?? {}
    const done = drives.handled(state)
    const isStale = work.stream.slice(0, done).some(event => triggers.has(drives.asMessage(event).id))
    // What rings for an event that was handled, or controls, may have rung before: more may have been heard then, and
    // what followed not been carried out.
    const triggerIds = new Set([
      ...triggers.keys(),
      ...(isStale || work.queue.some(({ message }) => message.control) ? handled : []),
    ])
    const events = eventsToHandle(work.stream, drives, { done, triggers: triggerIds, handled })
    const waiting = events.map(message => {
      const trigger = triggers.get(message.id)
      // As it is stored, and not as it rang.
      if (trigger) trigger.message = message
      return trigger ?? deliveryOfEvent(aggregate, message)
    })
    work.fromStream = waiting.filter(delivery => !triggers.has(delivery.message.id))
    work.triggeredBy = work.queue
    work.queue = [...waiting, ...work.queue.filter(({ message }) => message.control)]
  }

  /** An event that failed fails what rang: that is delivered again. An event is no record, so it is never a dead letter. */
  function failTriggers(works: readonly Work<State>[], dead: DeadRecord[]) {
    for (const { fromStream, triggeredBy } of works) {
      for (const delivery of [...fromStream, ...triggeredBy.filter(({ message }) => !message.control)]) {
        const at = dead.findIndex(({ record }) => record === delivery.record)
        if (at >= 0) delivery.failed ??= new Error(dead.splice(at, 1)[0]?.error)
      }
      const failed = fromStream.find(delivery => delivery.failed !== undefined)
      if (failed) for (const delivery of triggeredBy) delivery.failed ??= failed.failed
    }
  }

  /** A dead letter is durable before its record is acknowledged. */
  async function publishDeadLetters(dead: readonly DeadRecord[], failures: Map<IncomingRecord, unknown>) {
    if (dead.length === 0) return
    try {
      await publisher.publish(
        dead.map(({ record, reason, error }) => deadLetter(record, { reason, error, consumer: name, attempts: 1 })),
      )
      for (const { record, reason, error } of dead) {
        log.count('deadLetters', 1, { topic: record.topic })
        log.warn('message.dead-letter', {
          topic: record.topic,
          partition: record.partition,
          offset: record.offset,
          reason,
          error,
        })
      }
    } catch (error) {
      for (const { record } of dead) failures.set(record, error)
    }
  }
}

/** Order within a partition: whatever follows a failed record is delivered again with it. */
function inOrder(records: readonly IncomingRecord[], failures: ReadonlyMap<IncomingRecord, unknown>): Failed[] {
  const first = new Map<string, { offset: number; error: unknown }>()
  for (const [record, error] of failures) {
    const partition = `${record.topic}-${record.partition}`
    const known = first.get(partition)
    if (!known || record.offset < known.offset) first.set(partition, { offset: record.offset, error })
  }
  return records.flatMap(record => {
    const failed = first.get(`${record.topic}-${record.partition}`)
    return failed && record.offset >= failed.offset ? [{ record, error: failures.get(record) ?? failed.error }] : []
  })
}

const deliveryOfEvent = (aggregate: AnyAggregate, message: Message): Delivery => ({
  record: recordOfEvent(aggregate, message),
  message,
  traceparent: undefined,
})

/** An item after a change of it, as far as it is known: in `first`, else in `second`. */
function after(
  first: ReadonlyMap<string, Item | undefined>,
  second: ReadonlyMap<string, Item | undefined>,
  change: Alongside,
): Item | undefined {
  if (change.kind === 'insert') return change.item
  const id = refKey(change.ref)
  const item = first.has(id) ? first.get(id) : second.get(id)
  return item && added(item, change.add)
}
