import type { AnyAggregate, Table } from '#engine/model/aggregate.ts'
import type { Caller } from '#engine/delivery/consumer-settings.ts'
import type { TopicOf } from '#engine/delivery/topics.ts'
import type { Clock, Item, Log, Publisher, Store } from '#engine/model/ports.ts'
import type { SagaDefinition } from '#engine/saga/builder.ts'
import type { Decided } from './decisions.ts'
import type { FaultKind } from './faults.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

/** What is deployed: the aggregates behind the consumers, their tables, and what runs by the clock. */
export interface Domain {
  readonly tables: readonly Table[]
  readonly topicOf: TopicOf
  readonly consumers: readonly {
    readonly name: string
    readonly aggregate: AnyAggregate
    readonly calls?: Readonly<Record<string, Caller>>
  }[]
  /** Aggregates that the API commits: their tables have a change feed. */
  readonly relayed: readonly AnyAggregate[]
  readonly sagas: readonly SagaDefinition[]
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
  /** The event store whose inserts trigger the consumer that it drives. */
  readonly eventStore?: { readonly table: string; readonly drives: string }
  /** By table, the statuses that nothing follows. The sagas' own are known. */
  readonly final?: Readonly<Record<string, readonly string[]>>
  /** By table, how many bytes an item may have. Others: `ITEM_BYTES_MAX`. */
  readonly bytesMax?: Readonly<Record<string, number>>
  /** What its services publish again for the same message has one id: true where every answer is that of a final state. */
  readonly answersWithOneId?: true
  /** What its decisions must never be. */
  readonly decided?: (decided: Decided, report: Report) => void
}

/** An item that was written, and what it was before. */
export interface Change {
  readonly table: string
  readonly before: Item | undefined
  readonly after: Item
}

/** Tells that something does not hold. `saga`: the id of the saga that shows it. */
export type Report = (invariant: string, detail: string, saga?: string) => void

/** Who plays in a world, and what must hold there. Made anew for each run. */
export interface Play {
  /** The id of the `i`th saga: any text. */
  idOf(i: number): string
  /** Begins a saga. `random` is its own: it draws the same whatever else happens. */
  begin(id: string, random: Random): Promise<void>
  /** Once a move, in bad weather. */
  meanwhile?(): void
  /** Fair weather returns. */
  clearUp?(): void
  /** Whether all that these ids began is over. */
  isOver(ids: readonly string[]): boolean
  /** After each commit. */
  always?(change: Change, report: Report): void
  /** When nothing moves any more. */
  atRest(ids: readonly string[], report: Report): Promise<void>
}

/** Everything that a run is made of, but its seed. */
export interface Scenario {
  readonly name: string
  readonly domain: () => Domain
  play(world: World, domain: Domain): Promise<Play>
  /** Kinds of faults that have no place in it. */
  readonly without?: readonly FaultKind[]
}
