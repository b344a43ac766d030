/** The consumers of a catalog as it wires them: their topics, what they know there, what they may publish and write. */
import { topicsOf, vocabularyOf } from '../adapters/lambda/kafka-handler.ts'
import type { PublishedRecord } from '../adapters/memory/publisher.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { WiredFunction, Wiring } from '../catalog/wiring.ts'
import { versionsOf } from '../catalog/wiring-members.ts'
import type { Caller } from '../delivery/consumer-settings.ts'
import { createStreamConsumer, type StreamConsumer } from '../event-store/stream-consumer.ts'
import type { AnyAggregate } from '../model/aggregate.ts'
import type { Clock, Item, Log, Publisher, Store } from '../model/ports.ts'
import { orchestratorOf } from '../saga/reactions.ts'
import type { SagaDefinition } from '../saga/definition.ts'
import { asGranted } from './as-granted.ts'
import { incomingRecord } from './records.ts'

/** Deliveries of one record. */
const ATTEMPTS_MAX = 10

export interface ConsumerPorts {
  readonly store: Store
  readonly publisher: Publisher
  readonly clock: Clock
  readonly logOf: (consumer: string) => Log
  readonly calls: Readonly<Record<string, Readonly<Record<string, Caller>>>>
}

export interface RunningConsumer {
  readonly name: string
  /** An event store drives it. */
  readonly driven: boolean
  readonly topics: ReadonlySet<string>
  /** The same function with this code. */
  consumerOf(aggregate: AnyAggregate): StreamConsumer
  consumer: StreamConsumer
  /** While it is paused: what waits for it. */
  held: PublishedRecord[] | undefined
}

/** How a saga is run: its latest definition, then the older ones. */
export type Orchestrate = (current: SagaDefinition, ...older: readonly SagaDefinition[]) => AnyAggregate

export function consumersOf(
  { domains }: Pick<Catalog, 'domains'>,
  { functions }: Wiring,
  orchestrate: Orchestrate,
  ports: ConsumerPorts,
): RunningConsumer[] {
  const aggregates = new Map<string, AnyAggregate>(
    domains.flatMap(({ services, sagas }) => [
      ...services.flatMap(({ name, aggregate }) => (aggregate ? [[name, aggregate] as const] : [])),
      ...versionsOf(sagas).map(versions => [orchestratorOf(versions[0].name), orchestrate(...versions)] as const),
    ]),
  )
  return functions.flatMap(fn => {
    const aggregate = aggregates.get(fn.name)
    return aggregate ? [consumerOf(fn, aggregate, ports)] : []
  })
}

function consumerOf(
  { name, sources, tables, publishes }: WiredFunction,
  aggregate: AnyAggregate,
  { store, publisher, clock, logOf, calls }: ConsumerPorts,
): RunningConsumer {
  const consumes = Object.fromEntries(
    sources.map(({ topic, owner, types, others, reportedByOthers = [] }) => [
      topic,
      { owner, types: [...types], others: [...others], reportedByOthers: [...reportedByOthers] },
    ]),
  )
  const consumerOf = (aggregate: AnyAggregate) =>
    createStreamConsumer({
      name,
      aggregate,
      store: asGranted(name, tables, store),
      publisher,
      clock,
      log: logOf(name),
      topicOf: topicsOf({ PUBLISHES: { ...publishes } }),
      vocabulary: vocabularyOf(aggregate.handles, consumes),
      ...(calls[name] && { calls: calls[name] }),
    })
  return {
    name,
    driven: aggregate.stream?.drives !== undefined,
    topics: new Set(sources.map(({ topic }) => topic)),
    consumerOf,
    consumer: consumerOf(aggregate),
    held: undefined,
  }
}

/** Delivers records until all are acknowledged, what failed again and again; throws when that does not help. */
export async function deliverTo(consumer: StreamConsumer, records: readonly PublishedRecord[]): Promise<void> {
  let left = records.map(record => incomingRecord(record))
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

/** The event store's change feed triggers a consumer that it drives. */
export async function triggerBy(event: Item, consumer: StreamConsumer): Promise<void> {
  let why: unknown
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const failed = await consumer.onStreamEvents([event])
    if (failed.size === 0) return
    why = failed.get(event)
  }
  throw new Error(`the event ${JSON.stringify(event['eventID'])} triggered ${ATTEMPTS_MAX} times`, { cause: why })
}
