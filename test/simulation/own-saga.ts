/** A saga of your own in a simulated world: `docs/simulate-your-saga.md`. */
import type { AnyAggregate, Table } from '#engine/model/aggregate.ts'
import type { Caller } from '#engine/delivery/consumer-settings.ts'
import type { MessageType } from '#engine/model/messages.ts'
import { toRecord } from '#engine/delivery/to-record.ts'
import { type TopicOf, topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import type { Item } from '#engine/model/ports.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import type { SagaDefinition } from '#engine/saga/builder.ts'
import { orchestratorOf } from '#engine/saga/reactions.ts'
import { historyTable, sagasTable } from '#engine/saga/saga-tables.ts'
import type { Change, Domain, Scenario, Report } from './domain.ts'
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

export function ownSaga(own: OwnSaga): Scenario {
  const { saga, services, topicOf = topicPerAggregateAndKind, final = {} } = own
  const begin: MessageType = saga.startsWith
  const tables = new Map(
    [
      ...Object.values(services).map(({ table }) => table),
      ...(own.tables ?? []),
      sagasTable,
      ...(saga.history ? [historyTable(saga.history.table, saga.key)] : []),
    ].map(table => [table.name, table]),
  )
  return {
    name: saga.name,
    without: ['provider', 'claim'],
    domain(): Domain {
      const calls = own.calls?.()
      return {
        tables: [...tables.values()],
        topicOf,
        consumers: [
          { name: orchestratorOf(saga.name), aggregate: orchestrator(saga) },
          ...Object.entries(services).map(([name, aggregate]) => ({ name, aggregate, ...(calls && { calls }) })),
        ],
        relayed: [],
        sagas: [saga],
        begins: new Set([begin.type]),
        final,
      }
    },
    async play(world) {
      const { store, broker } = world
      for (const { table, item } of own.items ?? []) {
        const { partition = '' } = tables.get(table) ?? {}
        const key = { [partition]: item[partition] as string }
        await store.commit([{ ref: { table, key }, previous: undefined, item }])
      }
      const item = (table: string, key: string) =>
        store.items(table).find(item => item[tables.get(table)?.partition ?? ''] === key)
      return {
        idOf: i => `${saga.name}-${i}`,
        async begin(id, random) {
          const body = own.begins(id, random)
          const about = { id: `begin:${id}`, causationId: undefined, time: world.clock.now(), source: 'others' }
          world.trace(`${id} begins: ${JSON.stringify(body)}`)
          broker.publish([toRecord({ ...about, messageType: begin, body, sagaId: id }, topicOf(begin))])
        },
        isOver: ids =>
          ids.every(id => ['COMPLETED', 'ABORTED'].includes(String(item('sagas', `${saga.name}:${id}`)?.['status']))),
        always: (change, report) => own.always?.(change, table => store.items(table), report),
        async atRest(ids, report) {
          for (const id of ids) own.atRest?.(id, item, report)
        },
      }
    },
  }
}
