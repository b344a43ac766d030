/**
 * A whole system in one process: the consumers that are deployed, on the memory adapters, with a virtual clock. A seed
 * decides what goes wrong and in which order things happen. Then fair weather returns, and everything must drain.
 */
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { createStreamConsumer } from '#engine/event-store/stream-consumer.ts'
import type { IncomingRecord, Vocabulary } from '#engine/delivery/envelope.ts'
import { createRelay } from '#engine/delivery/relay.ts'
import { deadLetterTopicOf } from '#engine/delivery/topics.ts'
import type { Clock, Commit, Item, Log, Store } from '#engine/model/ports.ts'
import { createSweeper } from '#engine/saga/sweeper.ts'
import { consumersTable } from '#engine/delivery/failure-entry.ts'
import { deadLettersTable } from '../../lambdas/platform/dead-letters/tables.ts'
import { createBroker, type Source } from './broker.ts'
import { createDelivery, readersOf, type Repeats, vocabulariesOf } from './delivery.ts'
import type { Change, Domain } from './domain.ts'
import type { Faults } from './faults.ts'
import { createFeed } from './feeds.ts'
import { createLetters, INDEXER } from './letters.ts'
import { createPorts } from './ports.ts'
import type { Random } from './random.ts'
import { createScheduler } from './scheduler.ts'
import { isForeign, strangers } from './strangers.ts'

/** A minute's sweep may find the last one still at work. */
const SWEEPS_MAX = 2
/** Sweeps in fair weather: more than every attempt of every step takes. */
const ROUNDS_MAX = 200

export interface WorldSettings {
  readonly domain: Domain
  readonly faults: Faults
  readonly order: Random
  /** How late a sweep is at most: seconds. */
  readonly late: number
  /** Dead letters come back as soon as the weather is fair. */
  readonly isPunctual?: boolean
  readonly repeats: Repeats
  readonly trace?: ((line: string) => void) | undefined
}

export function createWorld({ domain, faults, order, late, isPunctual, repeats, trace: report }: WorldSettings) {
  let time = Date.UTC(2026, 0, 1)
  let moves = 0
  /** Lines that take making are made only if somebody reads them. */
  const trace = (line: string | (() => string)) =>
    report?.(`${String(moves).padStart(5)}  ${typeof line === 'string' ? line : line()}`)
  const now = () => moves
  const clock: Clock = { now: () => time, sleep: async () => {} }
  const bugs: string[] = []
  const left = new Set<string>()
  const log: Log = {
    info: () => {},
    warn: (message, fields) => void (message === 'call.left' && left.add(String(fields?.['messageId']))),
    error: (message, fields) =>
      // What others say of a saga that is over is to be reported: only our own services never do so.
      void (fields?.['code'] === 'UNEXPECTED_EFFECT' && isForeign(String(fields['messageId'])) ? [] : bugs).push(
        `${message}: ${JSON.stringify(fields, (_, value) => (value instanceof Error ? value.stack : value))}`,
      ),
    count: () => {},
    measure: () => {},
  }
  let acknowledged: ((record: IncomingRecord, consumer: string) => void) | undefined
  const listeners: ((change: Change) => void)[] = []
  let agenda: { readonly at: number; act(): unknown }[] = []
  const later = (after: number, act: () => unknown) => void agenda.push({ at: moves + after, act })
  /** Streams of which an event was never told. */
  const withoutFeed = new Set<string>()
  const silent = new Set<Item>()

  const store = memoryStore([...domain.tables, deadLettersTable, consumersTable])
  const broker = createBroker(() => time)
  const scheduler = createScheduler({ order, faults, trace, now })
  const others = strangers({ domain, broker, store, faults, later, trace })
  const portsOf = createPorts({
    store,
    broker,
    scheduler,
    faults,
    order,
    committed,
  })
  const feedOf = (name: string, more: Pick<Parameters<typeof createFeed>[0], 'handle' | 'lost'>) =>
    createFeed({ name, scheduler, faults, order, later, trace, ...more })

  const relay = feedOf('relay', {
    async handle(batch, invocation) {
      const { publisher } = portsOf(invocation)
      const { relay } = createRelay({ aggregates: domain.relayed, publisher, topicOf: domain.topicOf, log })
      for (const [table, changes] of Map.groupBy(batch, change => change.table))
        await relay(
          table,
          changes.map(({ item }) => item),
        )
      return true
    },
  })
  const vocabularies = vocabulariesOf(domain)
  const feed = feedOf('trigger', {
    async handle(batch, invocation) {
      const driven = domain.consumers.find(({ name }) => name === domain.eventStore?.drives)
      if (!driven) throw new Error('an event store that drives nobody')
      const { store, publisher } = portsOf(invocation)
      const vocabulary = () => vocabularies.get(driven.name) as Vocabulary
      const { topicOf } = domain
      const consumer = createStreamConsumer({ ...driven, store, publisher, clock, log, topicOf, vocabulary, calls: {} })
      return (await consumer.onStreamEvents(batch.map(({ item }) => item))).size === 0
    },
    lost({ table, item }) {
      withoutFeed.add(String(item[domain.tables.find(t => t.name === table)?.partition ?? '']))
      silent.add(item)
    },
  })
  const redriver = feedOf('redriver', {
    handle: (batch, invocation) => letters.redrive(batch, portsOf(invocation)),
    lost: change => letters.unsent(change),
  })
  const letters = createLetters({
    domain,
    broker,
    store,
    faults,
    clock,
    log,
    later,
    trace,
    isWorkedOn: record => delivery.isWorkedOn(record),
    redriven: (what, change) => redriver.push(what, change),
  })
  const delivery = createDelivery({
    broker,
    scheduler,
    faults,
    order,
    portsOf,
    readers: [...readersOf(domain, { clock, log }), letters.indexer],
    now,
    repeats,
    trace,
    giveUp: letters.giveUp,
    acknowledged: (record, consumer) => acknowledged?.(record, consumer),
  })
  const feeds = [relay, ...(domain.eventStore ? [feed] : []), redriver]

  const topics = new Set<string>()
  for (const { name, aggregate } of domain.consumers)
    for (const topic of new Set(aggregate.handles.map(message => domain.topicOf(message)))) {
      broker.subscribe(name, topic)
      topics.add(topic)
    }
  for (const topic of topics) broker.subscribe(INDEXER, deadLetterTopicOf(topic))
  broker.onPublish(others.outgoing)

  function committed({ ref, previous, item, alongside = [] }: Commit) {
    const { table } = ref
    const what = `${table} ${Object.values(ref.key).join('/')} v${String(item['version'])}`
    for (const message of listeners) message({ table, before: previous, after: item })
    if (table === deadLettersTable.name) letters.indexed(item)
    else if (item['publishByChangeFeed'] === true) relay.push(what, { table, item })
    if (table === 'sagas') others.sagaWritten(item)
    for (const change of alongside)
      if (change.kind === 'insert' && change.item['publishByChangeFeed'] === true)
        relay.push(`${change.ref.table} beside ${what}`, { table: change.ref.table, item: change.item })
    for (const change of alongside)
      if (change.kind === 'insert' && change.ref.table === domain.eventStore?.table)
        feed.push(`${Object.values(change.ref.key).join('/')} ${String(change.item['eventType'])}`, {
          table: change.ref.table,
          item: change.item,
        })
  }

  let sweeping = 0
  let fairSweeps = 0
  function sweep() {
    sweeping++
    scheduler.invoke(
      'sweeper',
      async invocation => {
        const { store, publisher } = portsOf(invocation)
        const ports = { store, publisher, clock, log, topicOf: domain.topicOf }
        await createSweeper({ sagas: [...new Set(domain.sagas.map(({ name }) => name))], ...ports }).sweep()
        await domain.also?.(ports)
      },
      { ended: () => void sweeping-- },
    )
  }

  async function keepAgenda() {
    if (!agenda.some(({ at }) => at <= moves)) return
    const due = agenda.filter(({ at }) => at <= moves)
    agenda = agenda.filter(({ at }) => at > moves)
    for (const { act } of due) await act()
  }

  /** One move of the world: a step of somebody, or a new delivery. False: nothing is left to do but what is put off. */
  async function move(): Promise<boolean> {
    moves++
    time += order.below(50)
    await keepAgenda()
    if (sweeping < SWEEPS_MAX && faults.at('sweep', 'by the clock') !== undefined) {
      const lateBy = faults.at('late', 'sweep')
      if (lateBy !== undefined) time += Math.floor(lateBy * late * 1000)
      trace(`the sweeper begins${lateBy === undefined ? '' : `, ${Math.floor(lateBy * late)} s late`}`)
      sweep()
    }
    if (scheduler.ready() && order.chance(0.7) && (await scheduler.advance())) return true
    const ready = delivery.ready()
    const fed = feeds.filter(feed => feed.isReady())
    const choices = ready.length + fed.length
    if (choices === 0) {
      if (await scheduler.advance({ force: true })) return true
      // A function that has just returned is still being heard of.
      return scheduler.running() > 0
    }
    const chosen = order.below(choices)
    if (chosen < ready.length) delivery.deliver(ready[chosen] as Source)
    else fed[chosen - ready.length]?.deliver()
    await scheduler.settle()
    return true
  }

  /** The store as the API has it: what it commits is told by the change feed. */
  const api: Store = {
    ...store,
    async commit(commits) {
      const results = await store.commit(commits)
      results.forEach((result, i) => {
        const commit = commits[i]
        if (result.outcome === 'committed' && commit) committed(commit)
      })
      return results
    },
  }

  return {
    store,
    api,
    broker,
    clock,
    log,
    faults,
    bugs,
    /** Messages whose call had no effect: they wait for their saga's clock. */
    left,
    nonsense: others.nonsense,
    guessedAt: others.guessedAt,
    discarded: letters.discarded,
    missed: letters.missed,
    /** Events of which the feed never told. */
    silent,
    trace,
    /** Does something after so many moves. */
    later,
    move,
    /** Sweeps since fair weather returned, for which there was nothing else to wait. */
    fairSweeps: () => fairSweeps,
    /** Hears of every record that is acknowledged. */
    onAcknowledged: (message: (record: IncomingRecord, consumer: string) => void) => void (acknowledged = message),
    /** Hears of every commit. */
    listen: (message: (change: Change) => void) => void listeners.push(message),
    /** Fair weather: every dead letter comes back, soon or late, every deadline is looked at, an operator sees to what is STUCK, until nothing moves. */
    async drain(isOver: () => boolean, goesOn: () => boolean, movesMax: number): Promise<boolean> {
      faults.clearUp()
      trace('FAIR WEATHER')
      let left = movesMax
      const settle = async () => {
        while (goesOn() && ((await move()) || delivery.hurry() || agenda.length > 0)) {
          if (--left < 0) return false
          // Nothing to wait for: what is put off is done now.
          if (agenda.length > 0 && scheduler.running() === 0) agenda = agenda.map(one => ({ ...one, at: 0 }))
        }
        return goesOn()
      }
      for (let round = 0; round < ROUNDS_MAX; round++) {
        await letters.redriveAll(isPunctual ? ROUNDS_MAX : round)
        if (!(await settle())) return false
        if (letters.waiting() === 0) {
          if (isOver()) return true
          others.retryStuck(letters.discarded, withoutFeed)
          fairSweeps++
        }
        time += 61_000
        trace('a minute later')
        sweep()
      }
      return false
    },
  }
}
export type World = ReturnType<typeof createWorld>
