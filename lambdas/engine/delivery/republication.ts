/**
 * A message that a service published by a bug is mended: what the last commit published is decided again from the state that
 * the commit left, and takes the place of what was published, under the same id. The commit's cause, its rows, the ids that it
 * handled and its time stay. So whatever publishes it from now on (a redelivery, a retry) publishes the mended one. Pure.
 */
import { isDeepStrictEqual } from 'node:util'
import type { AnyAggregate } from '../model/aggregate.ts'
import type { Item } from '../model/ports.ts'
import { checkPublished } from './check-published.ts'
import { messageIdOf, packItem, type Sent, unpackItem } from './stored-item.ts'

export interface Republication {
  /** What is to be stored in the item's place. */
  readonly item: Item
  /** What is to be published: all that the last commit published, the unchanged too. */
  readonly messages: readonly Mended[]
  readonly sagaId: string
}

export interface Mended {
  readonly id: string
  readonly before: Pick<Sent, 'type' | 'body'>
  readonly after: Pick<Sent, 'type' | 'body'>
  /** The fields of the body that differ. */
  readonly changed: readonly string[]
}

/** Undefined: the last commit published nothing. Throws ContractError for what receivers would refuse, and whatever the service's `republish` throws. */
export function republicationOf(
  aggregate: AnyAggregate,
  { key, item, actionId }: { readonly key: string; readonly item: Item; readonly actionId: string },
): Republication | undefined {
  const stored = unpackItem<object>(item)
  if (stored.sent.length === 0) return undefined
  const sent = stored.sent.map(was => {
    const { type, body } = was
    const derived = aggregate.republish?.(stored.state, { type, body, key })
    if (!derived) return was
    if (!aggregate.publishes.some(({ type: known }) => known === derived.message.type))
      throw new Error(
        `${aggregate.type} republishes ${derived.message.type}, and does not list it in \`publishes\` of a message`,
      )
    checkPublished([derived])
    return { ...was, type: derived.message.type, body: derived.body }
  })
  const { stateVersion = stored.version } = stored
  const { item: _, ...next } = { ...stored, version: stored.version + 1, stateVersion, mendedBy: actionId, sent }
  return {
    item: packItem(aggregate, key, next),
    sagaId: aggregate.sagaIdOf?.(stored.state, key) ?? key,
    messages: sent.map((after, i) => {
      const before = stored.sent[i] as Sent
      return {
        id: messageIdOf(aggregate, key, after.version, after.n),
        before,
        after,
        changed: changedFields(before.body, after.body),
      }
    }),
  }
}

/** Fields that are undefined are none, as in JSON. */
function changedFields(before: Sent['body'], after: Sent['body']): string[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return fields.filter(field => !isDeepStrictEqual(asJson(before[field]), asJson(after[field])))
}

const asJson = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))
