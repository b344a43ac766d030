/** A saga of your own in a simulated world: `docs/simulate-your-saga.md`. */
import type { AnyAggregate, Table } from '#engine/model/aggregate.ts'
import type { Caller } from '#engine/delivery/consumer-settings.ts'
import { type TopicOf, topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import type { Item } from '#engine/model/ports.ts'
import type { SagaDefinition } from '#engine/saga/builder.ts'
import type { Change, Scenario, Report } from './domain.ts'
import { ownDomain } from './own-domain.ts'
import type { Random } from './random.ts'

export interface OwnSaga {
  readonly saga: SagaDefinition
  /** Who takes part, by the name of its function. */
  readonly services: Readonly<Record<string, AnyAggregate>>
  /** What the services call, by the calls' names: in memory, idempotent by key. Made anew for each run. */
  readonly calls?: () => Readonly<Record<string, Caller>>
  /** Tables that the services' decisions read, or change alongside. */
  readonly tables?: readonly Table[]
  /** What is in the tables before: `{ table, item }`, each with a `version`. */
  readonly items?: readonly { readonly table: string; readonly item: Item }[]
  /** What the message that begins the saga says; `random` is this saga's own. */
  begins(id: string, random: Random): Readonly<Record<string, unknown>>
  /** By table, the statuses that nothing follows. */
  readonly final?: Readonly<Record<string, readonly string[]>>
  /** After each commit. */
  always?(change: Change, items: (table: string) => Item[], report: Report): void
  /** For each saga, when nothing moves any more. `item`: by its table and its key. */
  atRest?(id: string, item: (table: string, key: string) => Item | undefined, report: Report): void
  /** Default: a topic for each aggregate's commands, and one for its events. */
  readonly topicOf?: TopicOf
}

/** A saga by itself: whatever begins it comes from others. */
export function ownSaga(own: OwnSaga): Scenario {
  const { saga, services, begins, calls, tables = [], topicOf = topicPerAggregateAndKind, ...more } = own
  const names = Object.keys(services)
  const publishes = Object.values(services).flatMap(aggregate => aggregate.publishes)
  return ownDomain({
    ...more,
    domain: {
      name: saga.name,
      topicOf,
      services: Object.entries(services).map(([name, aggregate]) => ({
        name,
        aggregate,
        alsoUses: tables.map(table => ({ table, use: ['read'] })),
      })),
      sagas: [saga],
      // What they publish beside the saga's replies is for somebody who does not take part.
      ends: publishes.filter(({ type }) => !saga.reactions.some(({ on }) => on.type === type)),
    },
    ...(calls && {
      calls: () => {
        const made = calls()
        return Object.fromEntries(names.map(name => [name, made]))
      },
    }),
    begins: (id, random) => ({ message: saga.startsWith, body: begins(id, random), id: undefined }),
  })
}
