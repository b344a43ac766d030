/** A saga of your own in a simulated world: `docs/simulate-your-saga.md`. */
import type { AnyAggregate, Table } from '#shared/aggregate.ts'
import type { Caller } from '#shared/messaging/consumer.ts'
import type { Message } from '#shared/messaging/contract.ts'
import { toRecord } from '#shared/messaging/envelope.ts'
import { type TopicOf, topicPerAggregateAndKind } from '#shared/messaging/topics.ts'
import type { Item } from '#shared/ports.ts'
import { orchestrator } from '#shared/saga/decide.ts'
import type { SagaDefinition } from '#shared/saga/define.ts'
import { orchestratorOf } from '#shared/saga/reactions.ts'
import { historyTable, sagasTable } from '#shared/saga/tables.ts'
import type { Change, Domain, Scenario, Tell } from './domain.ts'
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
  always?(change: Change, items: (table: string) => Item[], tell: Tell): void
  /** For each saga, when nothing moves any more. `item`: by its table and its key. */
  atRest?(id: string, item: (table: string, key: string) => Item | undefined, tell: Tell): void
  /** Default: a topic for each aggregate's commands, and one for its events. */
  readonly topicOf?: TopicOf
}

export function ownSaga(own: OwnSaga): Scenario {
  const { saga, services, topicOf = topicPerAggregateAndKind, final = {} } = own
  const begin: Message = saga.startsWith
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
          broker.publish([toRecord({ ...about, message: begin, body, sagaId: id }, topicOf(begin))])
        },
        isOver: ids =>
          ids.every(id => ['COMPLETED', 'ABORTED'].includes(String(item('sagas', `${saga.name}:${id}`)?.['status']))),
        always: (change, tell) => own.always?.(change, table => store.items(table), tell),
        async atRest(ids, tell) {
          for (const id of ids) own.atRest?.(id, item, tell)
        },
      }
    },
  }
}
