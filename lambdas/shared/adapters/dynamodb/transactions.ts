/** A commit with `alongside`: one transaction, in which every write has its condition. */
import {
  type CancellationReason,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import type { Alongside, Commit, CommitResult, Item } from '../../ports.ts'
import { RetryableError } from '../../errors.ts'
import { impossible } from '../store-rules.ts'
import { asStoreError, isTransient, isValidation, retryable } from './errors.ts'
import { untilDone } from './limits.ts'
import { fromAttributes, toAttribute, toAttributes } from './marshal.ts'
import type { Connected } from './connected.ts'

/**
 * Never throws: what went wrong is the result. Two transactions that meet on a hot item refuse each other: the one that
 * was refused tries again here a few times, so that contention alone does not use up a record's deliveries.
 */
export async function transact(to: Connected, commit: Commit): Promise<CommitResult> {
  let result: CommitResult | undefined
  const attempt = async () => {
    result = await transactOnce(to, commit)
    return isConflict(result) ? commit : undefined
  }
  await untilDone(commit, attempt, to.sleep)
  if (!result) throw new Error('a transaction gave no result')
  return result
}

const isConflict = (result: CommitResult) =>
  result.outcome === 'failed' &&
  result.error instanceof RetryableError &&
  result.error.code === retryable(CONFLICT, '').code
const CONFLICT = 'TransactionConflict'

async function transactOnce({ client, physical, tableOf }: Connected, commit: Commit): Promise<CommitResult> {
  const { ref, alongside = [] } = commit
  const items = [putOf(commit, physical(ref.table), tableOf(ref.table).partition)]
  for (const change of alongside)
    items.push(writeOf(change, physical(change.ref.table), tableOf(change.ref.table).partition))
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: items }))
    return { outcome: 'committed' }
  } catch (error) {
    if (error instanceof TransactionCanceledException) return cancelled(commit, error)
    if (isValidation(error)) return { outcome: 'impossible', error: impossible(ref, error.message, error) }
    return { outcome: 'failed', error: asStoreError(error, 'commit') }
  }
}

/** One reason for each write, in their order: `None` for those whose condition held. */
function cancelled(commit: Commit, error: TransactionCanceledException): CommitResult {
  const reasons = error.CancellationReasons ?? []
  const [own, ...others] = reasons
  const invalid = reasons.find(({ Code }) => Code === 'ValidationError' || Code === 'ItemCollectionSizeLimitExceeded')
  if (invalid) return { outcome: 'impossible', error: impossible(commit.ref, invalid.Message ?? 'not valid', error) }
  if (reasons.some(isLost)) {
    const alongside = (commit.alongside ?? []).flatMap(({ ref }, i) => {
      const reason = others[i]
      return isLost(reason) ? [{ ref, present: presentOf(reason) }] : []
    })
    // A condition that held says what is there: what was read.
    return { outcome: 'lost', present: isLost(own) ? presentOf(own) : commit.previous, alongside }
  }
  const busy = reasons.find(({ Code }) => isTransient(Code))
  return { outcome: 'failed', error: retryable(busy?.Code ?? error.name, 'commit', error) }
}

const isLost = (reason: CancellationReason | undefined) => reason?.Code === 'ConditionalCheckFailed'

const presentOf = (reason: CancellationReason | undefined): Item | undefined =>
  reason?.Item && Object.keys(reason.Item).length > 0 ? fromAttributes(reason.Item) : undefined

function putOf({ item, previous }: Commit, table: string, partition: string): TransactWriteItem {
  const Put = { TableName: table, Item: toAttributes(item), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const
  if (!previous) return { Put: { ...Put, ...isAbsent(partition) } }
  const version = previous['version']
  if (version === undefined)
    return {
      Put: {
        ...Put,
        ConditionExpression: 'attribute_exists(#key) AND attribute_not_exists(#version)',
        ExpressionAttributeNames: { '#key': partition, '#version': 'version' },
      },
    }
  return {
    Put: {
      ...Put,
      ConditionExpression: '#version = :version',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':version': toAttribute(version) },
    },
  }
}

const isAbsent = (partition: string) => ({
  ConditionExpression: 'attribute_not_exists(#key)',
  ExpressionAttributeNames: { '#key': partition },
})

function writeOf(change: Alongside, table: string, partition: string): TransactWriteItem {
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
