/** Whether a dead letter's consumer has handled it after all: then it failed only at publishing what that caused (rule 10). */
import type { AnyAggregate } from '#engine/model/aggregate.ts'
import type { Domain } from '#engine/catalog/catalog.ts'
import { controlMessages } from '#engine/saga/control-messages.ts'
import { parseRecord, type IncomingRecord } from '#engine/delivery/envelope.ts'
import { itemKeyOf } from '#engine/delivery/stored-item.ts'
import type { Store } from '#engine/model/ports.ts'
import { orchestratorOf } from '#engine/saga/reactions.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'

/** What of an aggregate says which of its items a message is for. */
export type Owner = Pick<AnyAggregate, 'type' | 'table' | 'key' | 'itemKey' | 'handles'>

/** Who keeps what was handled, by the function that handles it: a service's aggregate, a saga's orchestrator. */
export const ownersOf = (domains: readonly Domain[]): ReadonlyMap<string, Owner> =>
  new Map(
    domains.flatMap(({ services, sagas }) => [
      ...services.flatMap(({ name, aggregate }) => (aggregate ? [[name, aggregate] as const] : [])),
      ...sagas.map(({ name, reactions }): [string, Owner] => [
        orchestratorOf(name),
        {
          type: orchestratorOf(name),
          table: sagasTable,
          itemKey: id => `${name}:${id}`,
          handles: [...reactions.map(({ on }) => on), ...controlMessages],
        },
      ]),
    ]),
  )

/** Whether the record is among the ids that its aggregate's last commit handled. Throws RetryableError. */
export async function isHandled(
  store: Pick<Store, 'read'>,
  owner: Owner | undefined,
  record: IncomingRecord,
): Promise<boolean> {
  if (!owner) return false
  const ours = new Map(owner.handles.map(message => [message.type, message]))
  const parsed = parseRecord(record, { ours, others: new Set(), owner: true })
  if (parsed.kind !== 'message') return false
  const { message } = parsed
  const [item] = await store.read([itemKeyOf(owner, owner.key?.(message) ?? message.sagaId)])
  return ((item?.['handled'] ?? []) as readonly string[]).includes(message.id)
}
