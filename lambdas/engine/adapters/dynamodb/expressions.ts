/** Conditional writes as DynamoDB's expressions; as statements of PartiQL they are in `statements.ts`. */
import type { Put, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Alongside, Commit } from '../../model/ports.ts'
import { type Attributes, toAttribute, toAttributes } from './marshal.ts'

/** The whole item, on condition that what was read is still there. */
export function putOf(
  { item, previous }: Commit,
  table: string,
  partition: string,
): Put & { TableName: string; Item: Attributes } {
  const put = { TableName: table, Item: toAttributes(item), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const
  if (!previous) return { ...put, ...isAbsent(partition) }
  const version = previous['version']
  if (version === undefined)
    return {
      ...put,
      ConditionExpression: 'attribute_exists(#key) AND attribute_not_exists(#version)',
      ExpressionAttributeNames: { '#key': partition, '#version': 'version' },
    }
  return {
    ...put,
    ConditionExpression: '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':version': toAttribute(version) },
  }
}

const isAbsent = (partition: string) => ({
  ConditionExpression: 'attribute_not_exists(#key)',
  ExpressionAttributeNames: { '#key': partition },
})

/** A write alongside, with its own condition. */
export function changeOf(change: Alongside, table: string, partition: string): TransactWriteItem {
  if (change.kind === 'insert')
    return {
      Put: {
        TableName: table,
        Item: toAttributes(change.item),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ...isAbsent(partition),
      },
    }
  const names: Record<string, string> = { '#key': partition }
  const values: Record<string, { N: string }> = {}
  const conditions = ['attribute_exists(#key)']
  const additions = Object.entries(change.add).map(([field, amount], i) => {
    names[`#a${i}`] = field
    values[`:a${i}`] = { N: String(amount) }
    return `#a${i} :a${i}`
  })
  for (const [i, [field, least]] of Object.entries(change.atLeast ?? {}).entries()) {
    names[`#c${i}`] = field
    values[`:c${i}`] = { N: String(least) }
    conditions.push(`#c${i} >= :c${i}`)
  }
  for (const [i, [field, value]] of Object.entries(change.equals ?? {}).entries()) {
    names[`#e${i}`] = field
    values[`:e${i}`] = { N: String(value) }
    conditions.push(`#e${i} = :e${i}`)
  }
  return {
    Update: {
      TableName: table,
      Key: toAttributes(change.ref.key),
      UpdateExpression: `ADD ${additions.join(', ')}`,
      ConditionExpression: conditions.join(' AND '),
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }
}
