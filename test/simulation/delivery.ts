/** Lambda's event source: batches of what waits in partitions, to the consumers that are deployed; again what failed. */
import type { Failed } from '#engine/delivery/partition-order.ts'
import { createStreamConsumer } from '#engine/event-store/stream-consumer.ts'
import type { IncomingRecord, Vocabulary } from '#engine/delivery/envelope.ts'
import type { Clock, Log } from '#engine/model/ports.ts'
import { type Broker, nameOf, type Source } from './broker.ts'
import type { Domain } from './domain.ts'
import type { Faults } from './faults.ts'
import type { Ports } from './ports.ts'
import type { Random } from './random.ts'
import type { Invocation, Scheduler } from './scheduler.ts'

/** Deliveries of a record before it detours through the dead letters. */
const ATTEMPTS_MAX = 3
const BATCH_MAX = 6
/** Moves that a partition is left alone at most, and records that are delivered again. */
const LAG_MAX = 300
const REWIND_MAX = 8

/**
 * What Lambda delivers again after a partial response: AWS documents that it is "only the failed records" for Kafka, and
 * for other sources everything from the lowest one on. The consumers are right under both.
 */
export type Repeats = 'reported' | 'from-lowest'

/** A function that reads topics. */
export interface Reader {
  readonly name: string
  handle(records: readonly IncomingRecord[], ports: Ports): Promise<readonly Failed[]>
}

/** What a consumer knows of the types on its topics. */
export function vocabulariesOf({ consumers }: Domain): ReadonlyMap<string, Vocabulary> {
  const aggregates = consumers.map(({ aggregate }) => aggregate)
  // What nobody handles is published for others: it is known all the same.
  const known = aggregates.flatMap(({ handles, publishes, appends = [] }) => [...handles, ...publishes, ...appends])
  const others = new Set(known.map(({ type }) => type))
  return new Map(
    consumers.map(({ name, aggregate }) => [
      name,
      { ours: new Map(aggregate.handles.map(message => [message.type, message])), others, owner: true },
    ]),
  )
}

/** The consumers of a domain, as their functions run them. */
export function readersOf(domain: Domain, { clock, log }: { clock: Clock; log: Log }): Reader[] {
  const vocabularies = vocabulariesOf(domain)
  return domain.consumers.map(({ name, aggregate, calls = {} }) => ({
    name,
    handle: (records, { store, publisher, call }) =>
      createStreamConsumer({
        name,
        aggregate,
        store,
        publisher,
        clock,
        log,
        topicOf: domain.topicOf,
        vocabulary: () => vocabularies.get(name) as Vocabulary,
        calls: Object.fromEntries(Object.entries(calls).map(([name, caller]) => [name, call(caller, name)])),
      }).handle(records),
  }))
}

export function createDelivery(world: {
  broker: Broker
  scheduler: Scheduler
  faults: Faults
  order: Random
  portsOf: (invocation: Invocation) => Ports
  readers: readonly Reader[]
  /** Moves so far. */
  now: () => number
  repeats: Repeats
  trace: (line: string | (() => string)) => void
  /** Lambda's last retry failed: the record leaves its partition. */
  giveUp: (record: IncomingRecord, consumer: string) => void
  /** A record will not be delivered again, unless its partition goes back. */
  acknowledged: (record: IncomingRecord, consumer: string) => void
}) {
  const { broker, scheduler, faults, order, now, trace } = world
  const readers = new Map(world.readers.map(reader => [reader.name, reader]))
  /** What invocations work on, zombies too. */
  const working = new Set<ReadonlySet<IncomingRecord>>()

  /** What of a partition is delivered next. */
  const goesOn = (source: Source, again: readonly IncomingRecord[], resumesAt: number) => {
    const [first] = again
    source.again = first && world.repeats === 'reported' ? again : undefined
    source.resumesAt = resumesAt
    source.committed = first?.offset ?? resumesAt
  }

  const detour = (source: Source) => {
    const [record, ...rest] = broker.read(source, 1)
    if (!record) return
    trace(`${source.consumer} gives up on ${nameOf(record)}: to the dead letters`)
    if (source.again) goesOn(source, rest, source.resumesAt)
    else source.committed++
    source.attempts = 0
    world.giveUp(record, source.consumer)
  }

  const isReady = (source: Source) => !source.busy && source.notBefore <= now() && broker.waiting(source) > 0

  return {
    isWorkedOn: (record: IncomingRecord) => [...working].some(records => records.has(record)),
    ready: () => broker.sources.filter(isReady),
    /** Partitions that are left alone for now are read at once. */
    hurry(): boolean {
      const held = broker.sources.filter(source => source.notBefore > now() && broker.waiting(source) > 0)
      for (const source of held) source.notBefore = 0
      return held.length > 0
    },
    /** One invocation on what waits in a partition, and perhaps in others of the same consumer. */
    deliver(source: Source) {
      const [next] = broker.read(source, 1)
      const reader = readers.get(source.consumer)
      if (!next || !reader) throw new Error(`nothing to deliver to ${source.consumer}`)
      const place = `${source.consumer} gets ${nameOf(next)}`
      const lag = faults.at('lag', place)
      if (lag !== undefined) {
        source.notBefore = now() + 1 + Math.floor(lag * LAG_MAX)
        return
      }
      if (!next.topic.endsWith('.dlq') && faults.at('detour', place) !== undefined) return detour(source)
      const mixed = faults.at('mixed', place)
      const more =
        mixed === undefined
          ? []
          : broker.sources.filter(
              other => other !== source && other.consumer === source.consumer && isReady(other) && order.chance(0.5),
            )
      invoke(reader, [source, ...more])
    },
  }

  function invoke(reader: Reader, sources: readonly Source[]) {
    const parts = sources.map(source => {
      const records = broker.read(source, 1 + order.below(BATCH_MAX))
      return { source, records, resumesAt: source.again ? source.resumesAt : source.committed + records.length }
    })
    for (const source of sources) source.busy = true
    let ours = true
    const release = () => {
      if (ours) for (const source of sources) source.busy = false
      ours = false
    }
    const records = parts.flatMap(part => part.records)
    trace(() => `${reader.name} gets ${records.map(nameOf).join(', ')}`)
    const atWork = new Set(records)
    working.add(atWork)
    const place = `${reader.name}: acknowledge ${nameOf(records[0] as IncomingRecord)}`

    /** Each partition: what failed of it comes again. `failed` undefined: the whole batch has. */
    const settle = (failed: readonly Failed[] | undefined) => {
      if (!ours) return
      release()
      for (const { source, resumesAt, records } of parts) {
        const again = failed ? failed.map(({ record }) => record).filter(record => records.includes(record)) : records
        const isAgain = (record: IncomingRecord) =>
          world.repeats === 'reported' ? again.includes(record) : record.offset >= (again[0]?.offset ?? resumesAt)
        if (again[0] !== records[0]) source.attempts = 0
        goesOn(source, again, resumesAt)
        for (const record of records) if (!isAgain(record)) world.acknowledged(record, source.consumer)
        if (again.length === 0) continue
        source.attempts++
        if (source.attempts >= ATTEMPTS_MAX && !source.topic.endsWith('.dlq')) detour(source)
      }
      if (!failed) return
      const rewind = faults.at('rewind', place)
      if (rewind === undefined) return
      const [{ source }] = parts as [(typeof parts)[number]]
      goesOn(source, [], Math.max(0, source.committed - 1 - Math.floor(rewind * REWIND_MAX)))
      trace(`${source.topic}-${source.partition} goes back to ${source.committed} for ${source.consumer}`)
    }
    scheduler.invoke(
      reader.name,
      async invocation => {
        const failed = await reader.handle(records, world.portsOf(invocation))
        await scheduler.step(invocation, place.slice(reader.name.length + 2), async () => settle(failed))
      },
      {
        abandon: release,
        ended(result) {
          working.delete(atWork)
          if (result === 'killed' || 'error' in result) settle(undefined)
        },
      },
    )
  }
}
