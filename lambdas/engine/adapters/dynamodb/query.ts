import { QueryCommand } from '@aws-sdk/client-dynamodb'
import type { Item, Key, Query } from '../../model/ports.ts'
import { asStoreError } from './errors.ts'
import { type Attributes, fromAttributes, toAttribute, toAttributes } from './marshal.ts'
import type { Connected } from './connected.ts'

/** One page; a table itself is read consistently, an index cannot be. */
export async function queryPage(from: Connected, query: Query): Promise<{ items: Item[]; next?: Key }> {
  const { table, index, sort, descending, limit, after } = query
  if (sort?.from !== undefined && sort.to !== undefined && sort.from > sort.to) return { items: [] }
  const { Items = [], LastEvaluatedKey } = await from.client
    .send(
      new QueryCommand({
        TableName: from.physical(table),
        ...(index ? { IndexName: index } : { ConsistentRead: true }),
        ...conditionOf(query),
        ScanIndexForward: !descending,
        Limit: limit,
        ...(after && { ExclusiveStartKey: toAttributes(after) }),
      }),
    )
    .catch((error: unknown) => {
      throw asStoreError(error, 'query')
    })
  const items = Items.map(fromAttributes)
  return LastEvaluatedKey ? { items, next: fromAttributes(LastEvaluatedKey) as Key } : { items }
}

function conditionOf({ partition, sort }: Query) {
  const conditions = ['#p = :p']
  const names: Record<string, string> = { '#p': partition.field }
  const values: Attributes = { ':p': toAttribute(partition.value) }
  const { from, to } = sort ?? {}
  if (sort && (from ?? to) !== undefined) names['#s'] = sort.field
  if (from !== undefined) values[':from'] = toAttribute(from)
  if (to !== undefined) values[':to'] = toAttribute(to)
  // A key condition may name the sort key once.
  if (from !== undefined && to !== undefined) conditions.push('#s BETWEEN :from AND :to')
  else if (from !== undefined) conditions.push('#s >= :from')
  else if (to !== undefined) conditions.push('#s <= :to')
  return {
    KeyConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  }
}
