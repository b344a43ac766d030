import { BatchGetItemCommand, type KeysAndAttributes } from '@aws-sdk/client-dynamodb'
import type { Item, Ref } from '../../ports.ts'
import { refId } from '../store-rules.ts'
import { asStoreError, retryable } from './errors.ts'
import { chunked, mapAtOnce, READ_KEYS_MAX, untilDone } from './limits.ts'
import { fromAttributes, toAttributes } from './marshal.ts'
import type { Connected } from './connected.ts'

/** One item a ref, undefined where there is none. Every item is fetched once, however often it is asked for. */
export async function readAll(from: Connected, refs: readonly Ref[]): Promise<(Item | undefined)[]> {
  const ids = refs.map(ref => refId(from.tableOf(ref.table), ref))
  const wanted = new Map(refs.map((ref, i) => [ids[i] ?? '', ref]))
  const found = new Map<string, Item>()
  await mapAtOnce(chunked([...wanted.values()], READ_KEYS_MAX), chunk => readChunk(from, chunk, found))
  return ids.map(id => found.get(id))
}

async function readChunk(from: Connected, refs: readonly Ref[], found: Map<string, Item>): Promise<void> {
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
  if (!(await untilDone(requestFor(from, refs), round, from.sleep))) throw retryable('UnprocessedKeys', 'read all keys')
}

function requestFor(from: Connected, refs: readonly Ref[]): Record<string, KeysAndAttributes> {
  const request: Record<string, KeysAndAttributes & { Keys: ReturnType<typeof toAttributes>[] }> = {}
  for (const { table, key } of refs) {
    const name = from.physical(table)
    request[name] ??= { ConsistentRead: true, Keys: [] }
    request[name].Keys.push(toAttributes(key))
  }
  return request
}

function keyIn(item: Item, { partition, sort }: ReturnType<Connected['tableOf']>): Ref['key'] {
  const fields = sort ? [partition, sort.name] : [partition]
  return Object.fromEntries(fields.map(field => [field, item[field] as string | number]))
}
