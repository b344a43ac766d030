/** Commits with `alongside`: transactions in which every write has its condition. */
import {
  type CancellationReason,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import type { Commit, CommitResult, Item } from '../../ports.ts'
import { RetryableError } from '../../errors.ts'
import { impossible } from '../store-rules.ts'
import { asStoreError, isTransient, isValidation, retryable } from './errors.ts'
import { mapAtOnce, untilDone } from './limits.ts'
import { changeOf, putOf } from './expressions.ts'
import { fromAttributes } from './marshal.ts'
import type { Connected } from './connected.ts'

/**
 * Commits that touch no item in common, in one transaction for as long as nothing speaks against it: a call costs more
 * than its writes. What a condition or DynamoDB refuses is taken out, and the others go on without it; a transaction
 * that met another one is tried again commit by commit. Never throws: what went wrong is each one's result.
 */
export async function transact(to: Connected, commits: readonly Commit[]): Promise<CommitResult[]> {
  const results = new Map<Commit, CommitResult>()
  let open = commits
  while (open.length > 1) {
    const answers = await transactOnce(to, open)
    for (const [i, commit] of open.entries()) {
      const answer = answers[i]
      if (answer) results.set(commit, answer)
    }
    const left = open.filter(commit => !results.has(commit))
    if (left.length === open.length) break
    open = left
  }
  await mapAtOnce(
    open.filter(commit => !results.has(commit)),
    async commit => {
      results.set(commit, await transactAlone(to, commit))
    },
  )
  return commits.map(commit => results.get(commit) as CommitResult)
}

/**
 * Two transactions that meet on a hot item refuse each other: the one that was refused tries again here a few times, so
 * that contention alone does not use up a record's deliveries.
 */
async function transactAlone(to: Connected, commit: Commit): Promise<CommitResult> {
  let result: CommitResult | undefined
  const attempt = async () => {
    ;[result] = await transactOnce(to, [commit])
    return isConflict(result) ? commit : undefined
  }
  await untilDone(commit, attempt, to.sleep)
  if (!result) throw new Error('a transaction gave no result')
  return result
}

const isConflict = (result: CommitResult | undefined) =>
  result?.outcome === 'failed' &&
  result.error instanceof RetryableError &&
  result.error.code === retryable(CONFLICT, '').code
const CONFLICT = 'TransactionConflict'

/** A result for each commit that this settled. Of several, undefined for those that only went down with another. */
async function transactOnce(to: Connected, commits: readonly Commit[]): Promise<(CommitResult | undefined)[]> {
  const { client, physical, tableOf } = to
  const writes = commits.map(commit => [
    { Put: putOf(commit, physical(commit.ref.table), tableOf(commit.ref.table).partition) },
    ...(commit.alongside ?? []).map(change =>
      changeOf(change, physical(change.ref.table), tableOf(change.ref.table).partition),
    ),
  ])
  const alone = commits.length === 1
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: writes.flat() }))
    return commits.map(() => ({ outcome: 'committed' }))
  } catch (error) {
    if (error instanceof TransactionCanceledException) {
      const reasons = [...(error.CancellationReasons ?? [])]
      return commits.map((commit, i) =>
        cancelled({ commit, reasons: reasons.splice(0, writes[i]?.length), error, alone }),
      )
    }
    if (isValidation(error))
      return commits.map(({ ref }) =>
        alone ? { outcome: 'impossible', error: impossible(ref, error.message, error) } : undefined,
      )
    return commits.map(() => ({ outcome: 'failed', error: asStoreError(error, 'commit') }))
  }
}

/** One reason for each write, in their order: `None` for those whose condition held. */
function cancelled(about: {
  commit: Commit
  reasons: readonly CancellationReason[]
  error: TransactionCanceledException
  alone: boolean
}): CommitResult | undefined {
  const { commit, reasons, error, alone } = about
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
  if (!alone) return undefined
  const busy = reasons.find(({ Code }) => isTransient(Code))
  return { outcome: 'failed', error: retryable(busy?.Code ?? error.name, 'commit', error) }
}

const isLost = (reason: CancellationReason | undefined) => reason?.Code === 'ConditionalCheckFailed'

const presentOf = (reason: CancellationReason | undefined): Item | undefined =>
  reason?.Item && Object.keys(reason.Item).length > 0 ? fromAttributes(reason.Item) : undefined
