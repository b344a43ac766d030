/** A catalog's domain in one process without any fault: its APIs, consumers and topics, on memory adapters. */
import { Hono } from 'hono'
import { vocabularyOf } from '#engine/adapters/lambda/kafka-handler.ts'
import { memoryPublisher, type PublishedRecord } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { systemClock } from '#engine/adapters/node/clock.ts'
import type { AnyAggregate, Table } from '#engine/model/aggregate.ts'
import { type Catalog, type Domain, relayedOf } from '#engine/catalog/catalog.ts'
import type { ApiEnv } from '#engine/http/api.ts'
import type { ApiPorts } from '#engine/http/api-ports.ts'
import type { Caller } from '#engine/delivery/consumer-settings.ts'
import { createStreamConsumer, type StreamConsumer } from '#engine/event-store/stream-consumer.ts'
import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import { createRelay } from '#engine/delivery/relay.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import type { Item, Log, OutgoingRecord, Store } from '#engine/model/ports.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import type { SagaDefinition } from '#engine/saga/definition.ts'
import { versionsOf } from '#engine/catalog/wiring-members.ts'
import { asGranted } from './as-granted.ts'
import { recordedLog } from './http.ts'

/** Deliveries of one record. */
const ATTEMPTS_MAX = 10
/** Records that may come of what was asked for last. */
const RECORDS_MAX = 100_000

export interface MemorySystemOptions {
  readonly apis: readonly ((ports: ApiPorts) => Hono<ApiEnv>)[]
  /** How a saga is run; by its topics unless told. */
  readonly orchestrate?: (current: SagaDefinition, ...older: readonly SagaDefinition[]) => AnyAggregate
  /** What stands between the system and its store: a meter. */
  readonly through?: (store: Store, tables: readonly Table[]) => Store
  /** Gets what the consumers and APIs say; kept in `log` unless given. */
  readonly sayTo?: Log
  /** Outside calls, by the function that makes them. */
  readonly calls?: Readonly<Record<string, Readonly<Record<string, Caller>>>>
}

/** `app` takes API calls; each answer comes after all that it set off is done. `records`: all that was said. */
export function memorySystem(
  domain: Domain,
  { apis, orchestrate = orchestrator, through = store => store, calls = {}, sayTo }: MemorySystemOptions,
) {
  const catalog: Catalog = {
    domains: [domain],
    platform: [{ name: 'outbox-relay', relaysHttp: true, publishes: [], tables: [] }],
  }
  const relayed = relayedOf(catalog).map(({ aggregate }) => aggregate)
  const wiring = readCatalog(catalog)
  const log = recordedLog()
  const { eventStore } = domain
  /** Events that were appended and have not rung yet. */
  const triggers: Item[] = []
  const memory = memoryStore(wiring.tables)
  const store = { ...memory, ...ringing(through(memory, wiring.tables), eventStore?.table.name, triggers) }
  const publisher = memoryPublisher()
  const aggregates = new Map<string, AnyAggregate>([
    ...domain.services.flatMap(({ name, aggregate }) => (aggregate ? [[name, aggregate] as const] : [])),
    ...versionsOf(domain.sagas).map(versions => [`${versions[0].name}-saga`, orchestrate(...versions)] as const),
  ])
  const consumers = wiring.functions.flatMap(({ name, sources, tables }) => {
    const aggregate = aggregates.get(name)
    if (!aggregate) return []
    const vocabulary = vocabularyOf(
      aggregate.handles,
      Object.fromEntries(
        sources.map(({ topic, ...source }) => [
          topic,
          {
            owner: source.owner,
            types: [...source.types],
            others: [...source.others],
            reportedByOthers: [...(source.reportedByOthers ?? [])],
          },
        ]),
      ),
    )
    const settings = {
      name,
      store: asGranted(name, tables, store),
      publisher,
      clock: systemClock,
      log: sayTo ?? log,
      topicOf: domain.topicOf,
      vocabulary,
    }
    const consumerOf = (aggregate: AnyAggregate) =>
      createStreamConsumer({ ...settings, aggregate, ...(calls[name] && { calls: calls[name] }) })
    return [
      {
        name,
        driven: aggregate.stream?.drives !== undefined,
        topics: new Set(sources.map(({ topic }) => topic)),
        consumerOf,
        consumer: consumerOf(aggregate),
        /** While it is paused: what waits for it. */
        held: undefined as PublishedRecord[] | undefined,
      },
    ]
  })
  const consumerNamed = (name: string) => {
    const found = consumers.find(consumer => consumer.name === name)
    if (!found) throw new Error(`there is no consumer ${name}`)
    return found
  }

  let delivered = 0
  /** One record after the other, or several at once, until nobody says anything more. Throws when they never stop. */
  const drain = async ({ atOnce = 1, most = RECORDS_MAX } = {}) => {
    const last = delivered + most
    for (;;) {
      const trigger = triggers.shift()
      for (const { driven, consumer } of consumers) if (trigger && driven) await ring(consumer, trigger)
      const records = publisher.records().slice(delivered, delivered + atOnce)
      if (!trigger && records.length === 0) return
      delivered += records.length
      if (delivered > last) throw new Error(`more than ${most} records came of it, the last ${JSON.stringify(records)}`)
      // An event source reads one topic.
      for (const [topic, batch] of Map.groupBy(records, record => record.topic))
        for (const { topics, consumer, held } of consumers)
          if (held && topics.has(topic)) held.push(...batch)
          else if (topics.has(topic)) await deliver(consumer, batch)
    }
  }
  /** Every event that is stored rings once more. */
  const ringAll = async () => {
    for (const event of store.items(eventStore?.table.name ?? ''))
      for (const { driven, consumer } of consumers) if (driven) await ring(consumer, event)
  }
  const relay = createRelay({ aggregates: relayed, publisher, topicOf: domain.topicOf, log })
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
  const ports = { store: overHttp, clock: systemClock, log: sayTo ?? log, newId: () => crypto.randomUUID() }
  const app = new Hono<ApiEnv>()
  for (const api of apis) app.route('/', api(ports))
  return {
    app,
    store,
    log,
    records: () => publisher.records(),
    /** A message of somebody else, without headers or a key; resolves when all that it set off is done. */
    async produce(topic: string, value: unknown) {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      await publisher.publish([{ topic, key: null, value: text, headers: {} }])
      await drain()
    },
    /** What is read by somebody. */
    topics: new Set(consumers.flatMap(({ topics }) => [...topics])),
    /** Records of somebody else as they are, handled `atOnce` at a time. Throws if more than `most` records come of them. */
    async send(records: readonly OutgoingRecord[], { atOnce, most }: { atOnce: number; most: number }) {
      await publisher.publish(records)
      await drain({ atOnce, most })
    },
    /** A consumer hears nothing from now on; `resume` gives it what it has missed. */
    pause(name: string) {
      consumerNamed(name).held ??= []
    },
    async resume(name: string) {
      const paused = consumerNamed(name)
      const { held = [] } = paused
      paused.held = undefined
      for (const record of held) await deliver(paused.consumer, [record])
      await drain()
    },
    /** From now on a consumer runs this code, on what the earlier one has kept. */
    deploy(name: string, aggregate: AnyAggregate) {
      const deployed = consumerNamed(name)
      deployed.consumer = deployed.consumerOf(aggregate)
    },
    /** All that was said so far once more, in the same order. */
    async redeliver() {
      if (eventStore) await ringAll()
      for (const record of publisher.records().slice())
        for (const { topics, consumer } of consumers) if (topics.has(record.topic)) await deliver(consumer, [record])
      await drain()
    },
  }
}

/** Whatever is inserted into the event store rings. */
function ringing(store: Store, table: string | undefined, triggers: Item[]): Store {
  const commit: Store['commit'] = async commits => {
    const results = await store.commit(commits)
    for (const [i, { alongside = [] }] of commits.entries())
      if (results[i]?.outcome === 'committed')
        for (const change of alongside)
          if (change.kind === 'insert' && change.ref.table === table) triggers.push(change.item)
    return results
  }
  return { ...store, commit }
}

async function ring(consumer: StreamConsumer, event: Item): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++)
    if ((await consumer.onStreamEvents([event])).size === 0) return
  throw new Error(`the event ${String(event['eventID'])} rang ${ATTEMPTS_MAX} times`)
}

async function deliver(consumer: StreamConsumer, records: readonly PublishedRecord[]): Promise<void> {
  let left = records.map(incoming)
  let why: unknown
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const failed = await consumer.handle(left)
    if (failed.length === 0) return
    left = failed.map(({ record }) => record)
    why = failed[0]?.error
  }
  const [{ topic, partition, offset } = {}] = left
  throw new Error(`${topic} ${partition}@${offset} was delivered ${ATTEMPTS_MAX} times`, { cause: why })
}

const incoming = ({ topic, partition, offset, key, value, headers }: PublishedRecord): IncomingRecord => ({
  topic,
  partition,
  offset,
  timestamp: 0,
  key: bytes(key),
  value: bytes(value),
  headers: Object.entries(headers).map(([name, header]) => ({ name, value: Buffer.from(header) })),
})
const bytes = (value: string | Uint8Array | null) => (typeof value === 'string' ? Buffer.from(value) : value)
