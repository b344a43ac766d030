/**
 * A whole system in one process: the consumers that are deployed, on the memory adapters, with a virtual clock. A seed
 * decides what goes wrong: crashes, zombies, duplicates, throttles, lost answers, late sweeps, records that detour
 * through the dead letters. Then fair weather returns, and everything must drain.
 */
import type { AnyAggregate, Table } from '#shared/aggregate.ts'
import { memoryStore } from '#shared/adapters/memory/store.ts'
import { RetryableError } from '#shared/errors.ts'
import { type Caller, createConsumer } from '#shared/messaging/consumer.ts'
import { type IncomingRecord, parseRecord, positionId, type Vocabulary } from '#shared/messaging/envelope.ts'
import { itemKeyOf, unpackItem } from '#shared/messaging/item.ts'
import { createRelay } from '#shared/messaging/relay.ts'
import type { TopicOf } from '#shared/messaging/topics.ts'
import { createSweeper } from '#shared/saga/sweep.ts'
import type { Clock, Commit, CommitResult, Item, Log, Publisher, Store } from '#shared/ports.ts'
import { createBroker, type Source } from './broker.ts'
import type { Random } from './random.ts'
import { createScheduler, type Invocation } from './scheduler.ts'
import { strangers } from './strangers.ts'

export interface Weather {
  readonly crash: number
  /** The invocation goes on after its partition was given to another. */
  readonly zombie: number
  /** Records that were acknowledged come again. */
  readonly rewind: number
  /** A write is throttled; a publish or an outside call fails, having happened or not. */
  readonly failure: number
  /** A sweep out of turn. */
  readonly sweep: number
  /** How late such a sweep is at most: milliseconds. */
  readonly late: number
  /** A record goes to the dead letters: its deliveries failed for a reason of their own. */
  readonly detour: number
  /** A dead letter comes back. */
  readonly redrive: number
  /** A dead letter is thrown away, where that is allowed (rule 10). */
  readonly discard: number
  /** An operator aborts or retries some saga, now and then one that has moved on. */
  readonly operator: number
  /** Others say something that was said before once more, under an id of their own, without headers, or say nonsense. */
  readonly foreign: number
  /** A batch has records of several topics. */
  readonly mixed: number
  /** An event store's change is never delivered; whoever keeps time must find out. */
  readonly silence: number
}

export const FAIR: Weather = {
  crash: 0,
  zombie: 0,
  rewind: 0,
  failure: 0,
  sweep: 0,
  late: 0,
  detour: 0,
  redrive: 0,
  discard: 0,
  operator: 0,
  foreign: 0,
  mixed: 0,
  silence: 0,
}

/** Each seed has its own weather: some runs see one kind of fault only, others everything. */
export function weatherOf(random: Random): Weather {
  const some = (probability: number) => (random.chance(0.6) ? random.next() * probability : 0)
  return {
    ...FAIR,
    crash: some(0.08),
    zombie: some(0.02),
    rewind: some(0.02),
    failure: some(0.08),
    sweep: some(0.02),
    detour: some(0.03),
    redrive: some(0.02),
    discard: some(0.03),
    operator: some(0.01),
    foreign: some(0.02),
    mixed: some(0.5),
  }
}

/** What a domain puts into a world. */
export interface Domain {
  readonly tables: readonly Table[]
  readonly topicOf: TopicOf
  readonly consumers: readonly {
    readonly name: string
    readonly aggregate: AnyAggregate
    readonly calls?: Readonly<Record<string, Caller>>
  }[]
  readonly relayed: readonly AnyAggregate[]
  readonly sagas: readonly string[]
  /** The messages that begin something: without them nobody knows of it. */
  readonly begins: ReadonlySet<string>
  /** What else runs by the clock. */
  readonly also?: (ports: {
    store: Store
    publisher: Publisher
    clock: Clock
    log: Log
    topicOf: TopicOf
  }) => Promise<unknown>
  /** The event store whose inserts ring the consumer that it drives. */
  readonly eventStore?: { readonly table: string; readonly drives: string }
}

/** Deliveries of a record before it detours through the dead letters. */
const ATTEMPTS_MAX = 3
const BATCH_MAX = 6
/** A minute's sweep may find the last one still at work. */
const SWEEPS_MAX = 2
/** Sweeps in fair weather: more than every attempt of every step takes. */
const ROUNDS_MAX = 60

export function createWorld(domain: Domain, random: Random, options: { trace?: (line: string) => void } = {}) {
  let time = Date.UTC(2026, 0, 1)
  let weather: Weather = FAIR
  let step = 0
  const trace = (line: string) => options.trace?.(`${String(step).padStart(5)} ${line}`)
  const broker = createBroker(() => time)
  const scheduler = createScheduler(random, () => ({ crashBefore: weather.crash, crashAfter: weather.crash }), trace)
  const store = memoryStore(domain.tables)
  const feed: { table: string; item: Item }[] = []
  const relaying = { position: 0, busy: false }
  const bells: Item[] = []
  const rung: Item[] = []
  /** Streams of which an event was never delivered. */
  const silent = new Set<string>()
  let ringing = false
  const working = new Set<ReadonlySet<IncomingRecord>>()
  const commits: { table: string; before: Item | undefined; after: Item }[] = []
  const bugs: string[] = []
  const clock: Clock = { now: () => time, sleep: async () => {} }
  const log: Log = {
    info: () => {},
    warn: () => {},
    error: (message, fields) =>
      void bugs.push(
        `${message}: ${JSON.stringify(fields, (_, value) => (value instanceof Error ? value.stack : value))}`,
      ),
    count: () => {},
    measure: () => {},
  }
  for (const { name, aggregate } of domain.consumers)
    for (const topic of new Set(aggregate.hears.map(message => domain.topicOf(message)))) broker.subscribe(name, topic)

  const throttled = () => new RetryableError('throttled', { code: 'THROTTLED' })
  const away = (what: string) => new RetryableError(`${what} is away`, { code: 'AWAY' })

  /** Every port of one invocation goes through the scheduler. */
  function ports(invocation: Invocation): {
    store: Store
    publisher: Publisher
    call: (caller: Caller, name: string) => Caller
  } {
    const at = <T>(name: string, act: () => Promise<T>) => scheduler.step(invocation, name, act)
    return {
      store: {
        async read(refs, only) {
          // Each item as it is when its turn comes: a batch of reads is no snapshot.
          const half = random.below(refs.length + 1)
          const parts = [refs.slice(0, half), refs.slice(half)].filter(part => part.length > 0)
          return (await Promise.all(parts.map(part => at('read', () => store.read(part, only))))).flat()
        },
        query: query => at('query', () => store.query(query)),
        async writeRows(rows) {
          // Rows are written one by one: a crash may come between any two.
          for (const row of rows)
            await at(`row ${JSON.stringify(row.ref.key)}`, async () => {
              if (random.chance(weather.failure)) throw throttled()
              await store.writeRows([row])
            })
        },
        async commit(wanted) {
          return Promise.all(
            wanted.map(commit =>
              at(
                `commit ${commit.ref.table} ${Object.values(commit.ref.key)} v${String(commit.item['version'])}`,
                async (): Promise<CommitResult> => {
                  if (random.chance(weather.failure)) return { outcome: 'failed', error: throttled() }
                  const [result] = await store.commit([commit])
                  if (result?.outcome === 'committed') remember(commit)
                  // The write happened, and its answer was lost: the shell must find out by itself.
                  if (result?.outcome === 'committed' && random.chance(weather.failure))
                    return { outcome: 'failed', error: throttled() }
                  return result as CommitResult
                },
              ),
            ),
          )
        },
      },
      publisher: {
        async publish(records) {
          // Partitions are written apart from each other: a crash may leave some of the records out.
          const keys = [...new Set(records.map(record => `${record.topic}|${String(record.key)}`))]
          await Promise.all(
            keys.map(key =>
              at(`publish ${key}`, async () => {
                const some = records.filter(record => `${record.topic}|${String(record.key)}` === key)
                if (random.chance(weather.failure)) throw away('the broker')
                broker.publish(some)
                if (random.chance(weather.failure)) throw away('the broker')
              }),
            ),
          )
        },
      },
      call: (caller, name) => request =>
        at(`call ${name}`, async () => {
          if (random.chance(weather.failure)) throw away('the provider')
          const answer = await caller(request)
          if (random.chance(weather.failure)) {
            if (name === 'charge' && random.chance(0.5)) return { outcome: 'unknown' }
            throw away('the provider')
          }
          return answer
        }),
    }
  }

  function remember(commit: Commit) {
    commits.push({ table: commit.ref.table, before: commit.previous, after: commit.item })
    if (commit.item['via'] === 'http') feed.push({ table: commit.ref.table, item: commit.item })
    for (const change of commit.alongside ?? [])
      if (change.kind === 'insert' && change.ref.table === domain.eventStore?.table) {
        if (random.chance(weather.silence)) silent.add(String(Object.values(change.ref.key)[0]))
        else bells.push(change.item)
      }
  }

  /** One invocation of a consumer on what waits in these partitions. */
  function deliver(sources: readonly Source[]) {
    const consumer = domain.consumers.find(({ name }) => name === sources[0]?.consumer)
    if (!consumer) throw new Error('a delivery without a consumer')
    const parts = sources.map(source => ({
      source,
      from: source.committed,
      records: broker.read(source, 1 + random.below(BATCH_MAX)),
    }))
    for (const source of sources) source.busy = true
    let ours = true
    const name = `${consumer.name}/${parts.map(({ source, from }) => `${source.topic}-${source.partition}@${from}`).join()}`
    const records = parts.flatMap(part => part.records)
    trace(`${name}: gets ${records.length}`)
    const acknowledge = ({ source, from, records }: (typeof parts)[number], offset: number) => {
      source.busy = false
      if (offset > source.committed) source.attempts = 0
      source.committed = Math.max(from, offset)
      if (offset >= from + records.length) return
      source.attempts++
      if (source.attempts >= ATTEMPTS_MAX) {
        trace(`${source.topic}-${source.partition} ${source.committed} detours`)
        broker.detour(source)
      }
    }
    const atWork = new Set(records)
    working.add(atWork)
    scheduler.invoke(
      name,
      invocation => {
        const { store, publisher, call } = ports(invocation)
        const calls = Object.fromEntries(
          Object.entries(consumer.calls ?? {}).map(([name, caller]) => [name, call(caller, name)]),
        )
        return createConsumer({
          ...consumer,
          store,
          publisher,
          clock,
          log,
          calls,
          topicOf: domain.topicOf,
          vocabulary: () => vocabularies.get(consumer.name) as Vocabulary,
        }).handle(records)
      },
      result => {
        working.delete(atWork)
        if (!ours) return
        const failed = result === 'killed' || 'error' in result ? undefined : result.value
        for (const part of parts) {
          const first = failed?.find(({ record }) => part.records.includes(record))
          acknowledge(part, failed ? (first?.record.offset ?? part.from + part.records.length) : part.from)
        }
      },
    )
    return {
      abandon() {
        ours = false
        for (const { source } of parts) source.busy = false
      },
    }
  }

  const vocabularies = new Map(
    domain.consumers.map(({ name, aggregate }) => [
      name,
      {
        ours: new Map(aggregate.hears.map(message => [message.type, message])),
        others: new Set(domain.consumers.flatMap(other => other.aggregate.hears.map(message => message.type))),
        owner: true,
      },
    ]),
  )

  function relay() {
    relaying.busy = true
    const from = relaying.position
    const batch = feed.slice(from, from + 1 + random.below(BATCH_MAX))
    const finish = (ok: boolean) => {
      relaying.busy = false
      if (ok) relaying.position = Math.max(relaying.position, from + batch.length)
    }
    scheduler.invoke(
      `relay@${from}`,
      async invocation => {
        const { publisher } = ports(invocation)
        const relay = createRelay({ aggregates: domain.relayed, publisher, topicOf: domain.topicOf })
        for (const table of new Set(batch.map(change => change.table)))
          await relay.relay(
            table,
            batch.filter(change => change.table === table).map(change => change.item),
          )
      },
      result => finish(result !== 'killed' && 'value' in result),
    )
  }

  /** The event store's feed: in order mostly, again and late now and then. */
  function ring() {
    ringing = true
    const again = rung.length > 0 && random.chance(weather.rewind * 5)
    const batch = again ? [random.pick(rung)] : bells.slice(0, 1 + random.below(BATCH_MAX))
    const driven = domain.consumers.find(({ name }) => name === domain.eventStore?.drives)
    if (!driven) throw new Error('an event store that drives nobody')
    scheduler.invoke(
      `ring ${batch.map(event => String(event['eventID'])).join()}`,
      async invocation => {
        const { store, publisher } = ports(invocation)
        const vocabulary = () => vocabularies.get(driven.name) as Vocabulary
        return createConsumer({
          ...driven,
          store,
          publisher,
          clock,
          log,
          topicOf: domain.topicOf,
          vocabulary,
          calls: {},
        }).ring(batch)
      },
      result => {
        ringing = false
        const failed = result === 'killed' || 'error' in result ? undefined : result.value
        if (failed === undefined || failed.size > 0 || again) return
        rung.push(...bells.splice(0, batch.length))
      },
    )
  }

  let sweeping = 0
  function sweep() {
    sweeping++
    scheduler.invoke(
      'sweep',
      async invocation => {
        const { store, publisher } = ports(invocation)
        await createSweeper({ sagas: domain.sagas, store, publisher, clock, log, topicOf: domain.topicOf }).sweep()
        await domain.also?.({ store, publisher, clock, log, topicOf: domain.topicOf })
      },
      () => void sweeping--,
    )
  }

  const others = strangers({ broker, random, store, topicOf: domain.topicOf, trace })
  const inFlight: ReturnType<typeof deliver>[] = []

  /** Nobody works on it, its aggregate has not handled it, and it begins nothing (rule 10). */
  async function mayBeDiscarded(record: IncomingRecord): Promise<boolean> {
    if ([...working].some(records => records.has(record))) return false
    for (const { name, aggregate } of domain.consumers) {
      const parsed = parseRecord(record, vocabularies.get(name) as Vocabulary)
      if (parsed.kind === 'poison') return false
      if (parsed.kind !== 'heard') continue
      if (domain.begins.has(parsed.heard.type)) return false
      const [item] = await store.read([itemKeyOf(aggregate, aggregate.key?.(parsed.heard) ?? parsed.heard.sagaId)])
      if (!item || unpackItem(item).handled.includes(parsed.heard.id)) return false
    }
    return true
  }

  /** One move of the world: a step of somebody, a new delivery, or something going wrong. False: nothing is left to do. */
  async function move(): Promise<boolean> {
    step++
    time += random.below(50)
    if (random.chance(weather.zombie) && inFlight.length > 0) {
      trace('an invocation becomes a zombie')
      random.pick(inFlight).abandon()
    }
    if (random.chance(weather.rewind)) {
      const source = random.pick(broker.sources)
      if (!source.busy) source.committed = Math.max(0, source.committed - 1 - random.below(8))
    }
    if (random.chance(weather.detour)) {
      const source = random.pick(broker.sources)
      if (!source.busy && broker.waiting(source) > 0) {
        trace(`${source.topic}-${source.partition} ${source.committed} detours`)
        broker.detour(source)
      }
    }
    if (random.chance(weather.redrive) && broker.parked.length > 0) broker.redrive(random.below(broker.parked.length))
    if (random.chance(weather.discard) && broker.parked.length > 0) {
      const index = random.below(broker.parked.length)
      const record = broker.parked[index] as IncomingRecord
      if (await mayBeDiscarded(record)) {
        trace(`${positionId(record)} is thrown away: ${String(record.value)}`)
        broker.discard(index)
      }
    }
    if (random.chance(weather.operator)) others.operate()
    if (random.chance(weather.foreign)) others.speak()
    if (random.chance(weather.sweep) && sweeping < SWEEPS_MAX) {
      time += random.below(weather.late)
      sweep()
    }
    if (scheduler.waiting() > 0 && random.chance(0.7)) return scheduler.advance()
    const ready = broker.sources.filter(source => !source.busy && broker.waiting(source) > 0)
    const canRelay = !relaying.busy && relaying.position < feed.length
    const canRing = !ringing && (bells.length > 0 || (rung.length > 0 && random.chance(weather.rewind)))
    const choices = ready.length + (canRelay ? 1 : 0) + (canRing ? 1 : 0)
    if (choices === 0) return scheduler.running() > 0 ? (await scheduler.advance(), true) : false
    const chosen = random.below(choices)
    if (chosen === ready.length && canRelay) relay()
    else if (chosen >= ready.length) ring()
    else {
      const source = ready[chosen] as Source
      const more = ready.filter(
        other => other !== source && other.consumer === source.consumer && random.chance(weather.mixed),
      )
      const delivery = deliver([source, ...more])
      inFlight.push(delivery)
      if (inFlight.length > 20) inFlight.shift()
    }
    await scheduler.settle()
    return true
  }

  return {
    store,
    broker,
    clock,
    commits,
    bugs,
    nonsense: others.nonsense,
    time: () => time,
    trace,
    remember,
    setWeather: (next: Weather) => void (weather = next),
    move,
    /** Fair weather: every dead letter comes back, every deadline is looked at, an operator sees to what is STUCK, until nothing moves. */
    async drain(isOver: () => boolean, movesMax: number): Promise<boolean> {
      weather = FAIR
      trace('fair weather')
      let moves = 0
      for (let round = 0; round < ROUNDS_MAX; round++) {
        while (broker.parked.length > 0) broker.redrive(random.below(broker.parked.length))
        while (await move()) if (++moves > movesMax) return false
        if (isOver() && broker.parked.length === 0) return true
        if (broker.parked.length === 0) others.retryStuck(silent)
        time += 61_000
        sweep()
      }
      return false
    },
  }
}
export type World = ReturnType<typeof createWorld>
