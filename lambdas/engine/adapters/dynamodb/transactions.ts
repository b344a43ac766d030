/** Commits with `alongside`: transactions in which every write has its condition. */
import {
  type CancellationReason,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { RetryableError } from '../../model/errors.ts'
import { refKey, sumAlongside } from '../../delivery/alongside.ts'
import type { Alongside, Commit, CommitResult, Item, Ref } from '../../model/ports.ts'
import { impossible } from '../store-rules.ts'
import { asStoreError, isTransient, isValidation, retryable } from './errors.ts'
import { untilDone } from './limits.ts'
import { changeOf, putOf } from './expressions.ts'
import { fromAttributes } from './marshal.ts'
import type { Connected } from './connected.ts'

/**
 * Commits that share no item, or only items that they add to, in one transaction for as long as nothing speaks against
 * it: a call costs more than its writes, and additions to one item become one. What a condition or DynamoDB refuses is
 * taken out, and the others go on without it; where it can't be told whose fault it was, each goes alone, in the order
 * asked. Never throws: what went wrong is each one's result.
 */
export async function transact(to: Connected, commits: readonly Commit[]): Promise<CommitResult[]> {
  const results = new Map<Commit, CommitResult>()
  const alone: Commit[] = []
  const round = async (open: readonly Commit[]) => {
    const left: Commit[] = []
    for (const [i, verdict] of (await transactOnce(to, open)).entries()) {
      const commit = open[i] as Commit
      if (verdict === 'alone') alone.push(commit)
      else if (verdict === 'together') left.push(commit)
      else results.set(commit, verdict)
    }
    return left
  }
  let open = commits
  while (open.length > 1) {
    let left = await round(open)
    // Nobody's fault: it met another transaction on a hot item, or DynamoDB was busy.
    if (left.length === open.length) {
      const again = async (all: readonly Commit[]) =>
        (left = await round(all)).length === all.length ? all : undefined
      if (!(await untilDone(open, again, to.sleep, { pauseFirst: true }))) alone.push(...left.splice(0))
    }
    open = left
  }
  for (const commit of [...open, ...alone]) results.set(commit, await transactAlone(to, commit))
  return commits.map(commit => results.get(commit) as CommitResult)
}

/**
 * Two transactions that meet on a hot item refuse each other: the one that was refused tries again here a few times, so
 * that contention alone does not use up a record's deliveries.
 */
async function transactAlone(to: Connected, commit: Commit): Promise<CommitResult> {
  let result: CommitResult | undefined
  const attempt = async () => {
    const [verdict] = await transactOnce(to, [commit])
    result = typeof verdict === 'object' ? verdict : undefined
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

/** `together`: it only went down with another. `alone`: it did, or one that it shares an item with; which, is not told. */
type Verdict = CommitResult | 'together' | 'alone'

async function transactOnce({ client, physical, tableOf }: Connected, commits: readonly Commit[]): Promise<Verdict[]> {
  const changes = sumAlongside(commits.flatMap(({ alongside = [] }) => alongside))
  const writes = [
    ...commits.map(commit => ({
      Put: putOf(commit, physical(commit.ref.table), tableOf(commit.ref.table).partition),
    })),
    ...changes.map(change => changeOf(change, physical(change.ref.table), tableOf(change.ref.table).partition)),
  ]
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: writes }))
    return commits.map(() => ({ outcome: 'committed' }))
  } catch (error) {
    if (error instanceof TransactionCanceledException) return cancelled(commits, changes, error)
    if (!isValidation(error)) return commits.map(() => ({ outcome: 'failed', error: asStoreError(error, 'commit') }))
    return commits.map(({ ref }) =>
      commits.length > 1 ? 'alone' : { outcome: 'impossible', error: impossible(ref, error.message, error) },
    )
  }
}

/** One reason for each write, in their order: `None` for those whose condition held. */
function cancelled(
  commits: readonly Commit[],
  changes: readonly Alongside[],
  error: TransactionCanceledException,
): Verdict[] {
  const reasons = error.CancellationReasons ?? []
  const reasonOf = new Map(changes.map(({ ref }, i) => [refKey(ref), reasons[commits.length + i]]))
  const timesChanged = new Map<string, number>()
  for (const { alongside = [] } of commits)
    for (const { ref } of alongside) timesChanged.set(refKey(ref), (timesChanged.get(refKey(ref)) ?? 0) + 1)
  return commits.map((commit, i) => {
    const refs = (commit.alongside ?? []).map(({ ref }) => ref)
    const shared = refs.filter(ref => (timesChanged.get(refKey(ref)) ?? 0) > 1)
    if (shared.some(ref => isFault(reasonOf.get(refKey(ref))))) return 'alone'
    const others = refs.map(ref => ({ ref, reason: reasonOf.get(refKey(ref)) }))
    return verdictOn(commit, reasons[i], others, error) ?? (commits.length > 1 ? 'together' : busy(reasons, error))
  })
}

/** What the reasons of a commit's own writes say of it; undefined if they say nothing. */
function verdictOn(
  commit: Commit,
  own: CancellationReason | undefined,
  others: readonly { readonly ref: Ref; readonly reason: CancellationReason | undefined }[],
  error: Error,
): CommitResult | undefined {
  const invalid = [own, ...others.map(({ reason }) => reason)].find(isInvalid)
  if (invalid) return { outcome: 'impossible', error: impossible(commit.ref, invalid.Message ?? 'not valid', error) }
  const lost = others.filter(({ reason }) => isLost(reason))
  if (!isLost(own) && lost.length === 0) return undefined
  return {
    outcome: 'lost',
    // A condition that held says what is there: what was read.
    present: isLost(own) ? presentOf(own) : commit.previous,
    alongside: lost.map(({ ref, reason }) => ({ ref, present: presentOf(reason) })),
  }
}

function busy(reasons: readonly CancellationReason[], error: TransactionCanceledException): CommitResult {
  const reason = reasons.find(({ Code }) => isTransient(Code))
  return { outcome: 'failed', error: retryable(reason?.Code ?? error.name, 'commit', error) }
}

const isInvalid = (reason: CancellationReason | undefined) =>
  reason?.Code === 'ValidationError' || reason?.Code === 'ItemCollectionSizeLimitExceeded'
const isFault = (reason: CancellationReason | undefined) => isLost(reason) || isInvalid(reason)
const isLost = (reason: CancellationReason | undefined) => reason?.Code === 'ConditionalCheckFailed'

const presentOf = (reason: CancellationReason | undefined): Item | undefined =>
  reason?.Item && Object.keys(reason.Item).length > 0 ? fromAttributes(reason.Item) : undefined
