import { BatchGetItemCommand, type KeysAndAttributes } from '@aws-sdk/client-dynamodb'
import type { Table } from '../../model/aggregate.ts'
import type { Item, Ref } from '../../model/ports.ts'
import { canHold, refId } from '../store-rules.ts'
import { asStoreError, retryable } from './errors.ts'
import { chunked, mapAtOnce, READ_KEYS_MAX, untilDone } from './limits.ts'
import { fromAttributes, toAttributes } from './marshal.ts'
import type { Connected } from './connected.ts'

/** One item a ref, undefined where there is none. Every item is fetched once, however often it is asked for. */
export async function readAll(
  from: Connected,
  refs: readonly Ref[],
  only?: readonly string[],
): Promise<(Item | undefined)[]> {
  const ids = refs.map(ref => refId(from.tableOf(ref.table), ref))
  const wanted = new Map(refs.map((ref, i) => [ids[i] ?? '', ref]))
  // DynamoDB would refuse the whole call, and with it the innocent keys.
  for (const [id, ref] of wanted) if (!canHold(from.tableOf(ref.table), ref)) wanted.delete(id)
  const found = new Map<string, Item>()
  await mapAtOnce(chunked([...wanted.values()], READ_KEYS_MAX), chunk => readChunk(from, chunk, found, only))
  return ids.map(id => found.get(id))
}

async function readChunk(
  from: Connected,
  refs: readonly Ref[],
  found: Map<string, Item>,
  only: readonly string[] | undefined,
): Promise<void> {
  const names = new Map(refs.map(({ table }) => [from.physical(table), table]))
  const round = async (keys: Record<string, KeysAndAttributes>) => {
    const { Responses = {}, UnprocessedKeys = {} } = await from.client
      .send(new BatchGetItemCommand({ RequestItems: keys }))
      .catch((error: unknown) => {
        throw asStoreError(error, 'read')
      })
    for (const [physical, items] of Object.entries(Responses)) {
      const table = from.tableOf(names.get(physical) ?? physical)
      for (const attributes of items) {
        const item = fromAttributes(attributes)
        found.set(refId(table, { table: table.name, key: keyIn(item, table) }), item)
      }
    }
    return Object.keys(UnprocessedKeys).length > 0 ? UnprocessedKeys : undefined
  }
  if (!(await untilDone(requestFor(from, refs, only), round, from.sleep)))
    throw retryable('UnprocessedKeys', 'read all keys')
}

function requestFor(
  from: Connected,
  refs: readonly Ref[],
  only: readonly string[] | undefined,
): Record<string, KeysAndAttributes> {
  const request: Record<string, KeysAndAttributes & { Keys: ReturnType<typeof toAttributes>[] }> = {}
  for (const { table, key } of refs) {
    const name = from.physical(table)
    request[name] ??= { ConsistentRead: true, Keys: [], ...(only && projection(from.tableOf(table), only)) }
    request[name].Keys.push(toAttributes(key))
  }
  return request
}

/** Words that DynamoDB reserves are fields too, so each has a stand-in. */
function projection(table: Table, only: readonly string[]) {
  const fields = [...new Set([...keyFields(table), ...only])]
  return {
    ProjectionExpression: fields.map((_, i) => `#f${i}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(fields.map((field, i) => [`#f${i}`, field])),
  }
}

const keyFields = ({ partition, sort }: Table) => (sort ? [partition, sort.name] : [partition])

function keyIn(item: Item, table: Table): Ref['key'] {
  return Object.fromEntries(keyFields(table).map(field => [field, item[field] as string | number]))
}
