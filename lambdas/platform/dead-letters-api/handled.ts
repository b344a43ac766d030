/** Whether a dead letter's consumer has handled it after all: then it failed only at saying what that caused (rule 10). */
import type { AnyAggregate } from '#shared/aggregate.ts'
import type { Domain } from '#shared/catalog.ts'
import { controlMessages } from '#shared/messaging/control.ts'
import { parseRecord, type IncomingRecord } from '#shared/messaging/envelope.ts'
import { itemKeyOf } from '#shared/messaging/item.ts'
import type { Store } from '#shared/ports.ts'
import { orchestratorOf } from '#shared/saga/reactions.ts'
import { sagasTable } from '#shared/saga/tables.ts'

/** What of an aggregate says which of its items a message is for. */
export type Keeper = Pick<AnyAggregate, 'type' | 'table' | 'key' | 'itemKey' | 'hears'>

/** Who keeps what was handled, by the function that handles it: a service's aggregate, a saga's orchestrator. */
export const keepersOf = (domains: readonly Domain[]): ReadonlyMap<string, Keeper> =>
  new Map(
    domains.flatMap(({ services, sagas }) => [
      ...services.flatMap(({ name, aggregate }) => (aggregate ? [[name, aggregate] as const] : [])),
      ...sagas.map(({ name, reactions }): [string, Keeper] => [
        orchestratorOf(name),
        {
          type: orchestratorOf(name),
          table: sagasTable,
          itemKey: id => `${name}:${id}`,
          hears: [...reactions.map(({ on }) => on), ...controlMessages],
        },
      ]),
    ]),
  )

/** Whether the record is among the ids that its aggregate's last commit handled. Throws RetryableError. */
export async function isHandled(
  store: Pick<Store, 'read'>,
  keeper: Keeper | undefined,
  record: IncomingRecord,
): Promise<boolean> {
  if (!keeper) return false
  const ours = new Map(keeper.hears.map(message => [message.type, message]))
  const parsed = parseRecord(record, { ours, others: new Set(), owner: true })
  if (parsed.kind !== 'heard') return false
  const { heard } = parsed
  const [item] = await store.read([itemKeyOf(keeper, keeper.key?.(heard) ?? heard.sagaId)])
  return ((item?.['handled'] ?? []) as readonly string[]).includes(heard.id)
}
