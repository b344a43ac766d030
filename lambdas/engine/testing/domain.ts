/** A domain with its HTTP API in one process: the catalog's own wiring on memory adapters and a virtual clock, without any fault. */
import { Hono } from 'hono'
import { topicsOf } from '../adapters/lambda/kafka-handler.ts'
import { memoryLog } from '../adapters/memory/log.ts'
import { memoryPublisher } from '../adapters/memory/publisher.ts'
import { memoryStore } from '../adapters/memory/store.ts'
import { type Catalog, type Domain, relayedOf, sagaNamesOf } from '../catalog/catalog.ts'
import { readCatalog } from '../catalog/wiring.ts'
import type { Caller } from '../delivery/consumer-settings.ts'
import { toRecord } from '../delivery/to-record.ts'
import { createRelay } from '../delivery/relay.ts'
import type { ApiEnv } from '../http/api.ts'
import type { ApiPorts } from '../http/api-ports.ts'
import type { AnyAggregate, Table } from '../model/aggregate.ts'
import type { MessageType } from '../model/messages.ts'
import type { Clock, Item, Log, OutgoingRecord, Publisher, Store } from '../model/ports.ts'
import type { Duration } from '../saga/definition.ts'
import { orchestrator } from '../saga/orchestrator.ts'
import { SagaWakeUp } from '../saga/control-messages.ts'
import { createSweeper } from '../saga/sweeper.ts'
import { consumersOf, deliverTo, type Orchestrate, triggerBy } from './domain-consumers.ts'
import { triggering } from './event-triggers.ts'
import { type Call, gatewayTo } from './http-call.ts'
import type { BodyOf } from './messages.ts'
import { deadLettersIn, isDeadLetter, messagesIn, unexpectedDeadLetters } from './published.ts'
import { STARTS_AT } from './scene.ts'
import { virtualClock } from './virtual-clock.ts'

/** Records that may come of what was asked for last. */
const RECORDS_MAX = 100_000
/** Deadlines are looked at once a minute, as in AWS. */
const SWEEP_MS = 60_000

export interface DomainSettings {
  /** What answers its routes: `[createOrderApi]`. */
  readonly apis?: readonly ((ports: ApiPorts) => Hono<ApiEnv>)[]
  /** Outside calls, by the function that makes them: `{ payment: { charge, cancel, refund } }`. */
  readonly calls?: Readonly<Record<string, Readonly<Record<string, Caller>>>>
  /** How a saga is run; by its topics unless told. */
  readonly orchestrate?: Orchestrate
  /** What runs by the clock beside the sagas' deadlines: each is made once, and called every minute. */
  readonly everyMinute?: readonly ((ports: SweepPorts) => () => Promise<unknown>)[]
  /** Milliseconds since 1970. Default: the first of January 2026, UTC. */
  readonly now?: number
  /** Dead letters are kept, and nothing fails because of them. Default: one that is not expected fails the test. */
  readonly keepsDeadLetters?: boolean
  /** What stands between the domain and its store: a meter. */
  readonly through?: (store: Store, tables: readonly Table[]) => Store
  /** What stands between the domain and its topics: a real Kafka that takes the same records. */
  readonly publishesThrough?: (publisher: Publisher) => Publisher
  /** Of a consumer, by its name, or of the APIs (`api`) and the relay; kept in `log` unless given. */
  readonly logOf?: (name: string) => Log
}

export interface SweepPorts {
  readonly store: Store
  readonly publisher: Publisher
  readonly clock: Clock
  readonly log: Log
}

export type RunningDomain = ReturnType<typeof startDomain>

/** Starts a domain, or all domains of a catalog. Each call resolves when all that it set off is done. */
export function startDomain(subject: Domain | Catalog, settings: DomainSettings = {}) {
  const { apis = [], calls = {}, orchestrate = orchestrator, everyMinute = [], now = STARTS_AT } = settings
  const { through = store => store, keepsDeadLetters = false } = settings
  const catalog: Catalog = 'domains' in subject ? subject : { domains: [subject], platform: [relayFunction] }
  const wiring = readCatalog(catalog)
  const log = memoryLog()
  const logOf = settings.logOf ?? (() => log)
  const clock = virtualClock(now)
  const topics = memoryPublisher()
  const publisher = { ...topics, ...settings.publishesThrough?.(topics) }
  const eventTables = new Set(catalog.domains.flatMap(({ eventStore }) => eventStore?.table.name ?? []))
  /** Events that were appended and have triggered nobody yet. */
  const triggers: Item[] = []
  const memory = memoryStore(wiring.tables)
  const store = { ...memory, ...triggering(through(memory, wiring.tables), eventTables, triggers) }
  const consumers = consumersOf(catalog, wiring, orchestrate, { store, publisher, clock, logOf, calls })
  const driven = () => consumers.filter(consumer => consumer.driven)
  const relay = createRelay({
    aggregates: relayedOf(catalog).map(({ aggregate }) => aggregate),
    publisher,
    topicOf: topicsOf({
      PUBLISHES: { ...wiring.functions.find(({ name }) => name === relayName(catalog))?.publishes },
    }),
    log: logOf('outbox-relay'),
  })
  const topicOf = (message: MessageType) => {
    const topic = wiring.messages.find(({ type }) => type === message.type)?.topic
    if (topic === undefined)
      throw new Error(`${message.type} is no message of this domain: nobody handles or publishes it`)
    return topic
  }
  const sweepPorts = { store, publisher, clock, log: logOf('timeouts') }
  const sagas = sagaNamesOf(catalog)
  const jobs = everyMinute.map(make => make(sweepPorts))
  if (sagas.length > 0) {
    const sweeper = createSweeper({ ...sweepPorts, sagas, topicOf: () => topicOf(SagaWakeUp) })
    jobs.unshift(() => sweeper.sweep())
  }

  let delivered = 0
  /** One record after the other, or several at once, until nobody publishes anything more. Throws when they never stop. */
  const drain = async ({ atOnce = 1, most = RECORDS_MAX } = {}) => {
    const last = delivered + most
    for (;;) {
      const trigger = triggers.shift()
      if (trigger) for (const { consumer } of driven()) await triggerBy(trigger, consumer)
      const records = publisher.records().slice(delivered, delivered + atOnce)
      if (!trigger && records.length === 0) return
      delivered += records.length
      if (delivered > last) throw new Error(`more than ${most} records came of it, the last ${JSON.stringify(records)}`)
      // An event source reads one topic.
      for (const [topic, batch] of Map.groupBy(records, record => record.topic))
        for (const { topics, consumer, held } of consumers)
          if (held && topics.has(topic)) held.push(...batch)
          else if (topics.has(topic)) await deliverTo(consumer, batch)
    }
  }
  let deadExpected = keepsDeadLetters ? Number.POSITIVE_INFINITY : 0
  let dead = 0
  let looked = 0
  /** Until nothing moves; a dead letter that nobody expects fails the test. */
  const settle = async (how?: { readonly atOnce?: number; readonly most?: number }) => {
    await drain(how)
    const records = publisher.records()
    dead += records.slice(looked).filter(isDeadLetter).length
    looked = records.length
    if (dead > deadExpected) throw unexpectedDeadLetters(records, deadExpected)
  }
  /** What comes over HTTP is relayed at once. */
  const overHttp: Store = {
    ...store,
    async commit(commits) {
      const results = await store.commit(commits)
      for (const [i, { ref, item }] of commits.entries())
        if (results[i]?.outcome === 'committed' && item['publishByChangeFeed'] === true)
          await relay.relay(ref.table, [item])
      await drain()
      return results
    },
  }
  let ids = 0
  const ports: ApiPorts = {
    store: overHttp,
    clock,
    log: logOf('api'),
    newId: () => (++ids).toString(16).padStart(32, '0'),
  }
  const app = new Hono<ApiEnv>()
  for (const api of apis) app.route('/', api(ports))
  const gateway = gatewayTo(app)
  const consumerNamed = (name: string) => {
    const found = consumers.find(consumer => consumer.name === name)
    if (!found)
      throw new Error(`there is no consumer ${name}: there are ${consumers.map(({ name }) => name).join(', ')}`)
    return found
  }
  const send = async (
    records: readonly OutgoingRecord[],
    how?: { readonly atOnce?: number; readonly most?: number },
  ) => {
    await publisher.publish(records)
    await settle(how)
  }

  return {
    /** An HTTP call, by alice unless it says who. */
    async http(call: Call) {
      const answer = await gateway(call)
      await settle()
      return answer
    },
    settle,
    /** Time passes; once a minute deadlines are looked at, and all that follows is done. */
    async advance({ seconds }: Duration) {
      const until = clock.now() + seconds * 1000
      while (clock.now() < until) {
        await clock.advance(Math.min(SWEEP_MS, until - clock.now()))
        for (const job of jobs) await job()
        await settle()
      }
    },
    /** A message from somebody else. */
    publish: <M extends MessageType>(message: M, body: BodyOf<M>, { sagaId = 's1', id = `test-${++ids}` } = {}) => {
      const from = { causationId: undefined, time: clock.now(), source: 'test' }
      return send([toRecord({ id, messageType: message, body, sagaId, ...from }, topicOf(message))])
    },
    /** Records of somebody else as they are, handled `atOnce` at a time. Throws if more than `most` records come of them. */
    send,
    /** A value without headers or a key. */
    produce: (topic: string, value: unknown) =>
      send([{ topic, key: null, value: typeof value === 'string' ? value : JSON.stringify(value), headers: {} }]),
    /** All that was published so far, dead letters apart. */
    messages: () => messagesIn(publisher.records()),
    records: () => publisher.records(),
    deadLetters: () => deadLettersIn(publisher.records()),
    /** From now on so many more dead letters are meant to be. */
    expectDeadLetters(count: number) {
      deadExpected = dead + count
    },
    /** A consumer gets nothing from now on; `resume` gives it what it has missed. */
    pause(name: string) {
      consumerNamed(name).held ??= []
    },
    async resume(name: string) {
      const paused = consumerNamed(name)
      const { held = [] } = paused
      paused.held = undefined
      for (const record of held) await deliverTo(paused.consumer, [record])
      await settle()
    },
    /** From now on a consumer runs this code, on what the earlier one has kept. */
    deploy(name: string, aggregate: AnyAggregate) {
      const deployed = consumerNamed(name)
      deployed.consumer = deployed.consumerOf(aggregate)
    },
    /** All that was published so far once more, in the same order. */
    async redeliver() {
      for (const table of eventTables)
        for (const event of store.items(table)) for (const { consumer } of driven()) await triggerBy(event, consumer)
      for (const record of publisher.records().slice())
        for (const { topics, consumer } of consumers) if (topics.has(record.topic)) await deliverTo(consumer, [record])
      await settle()
    },
    /** What is read by somebody. */
    topics: new Set(consumers.flatMap(({ topics }) => [...topics])),
    app,
    ports,
    store,
    clock,
    log,
    wiring,
  }
}

const relayFunction = { name: 'outbox-relay', relaysHttp: true, publishes: [], tables: [] } as const
const relayName = ({ platform }: Catalog) => platform.find(({ relaysHttp }) => relaysHttp)?.name
