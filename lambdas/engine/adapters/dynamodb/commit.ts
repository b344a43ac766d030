import {
  BatchExecuteStatementCommand,
  type BatchStatementResponse,
  ConditionalCheckFailedException,
  ItemCollectionSizeLimitExceededException,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { type Alongside, type Commit, type CommitResult, TRANSACTION_ITEMS_MAX } from '../../model/ports.ts'
import { commitIds, impossible, refId, whyImpossible } from '../store-rules.ts'
import { asStoreError, isTransient, isValidation, retryable } from './errors.ts'
import { chunked, COMMITS_A_TRANSACTION, mapAtOnce, STATEMENTS_MAX } from './limits.ts'
import { fromAttributes } from './marshal.ts'
import { putOf } from './expressions.ts'
import { readAll } from './read.ts'
import { statementFor } from './statements.ts'
import type { Connected } from './connected.ts'
import { transact } from './transactions.ts'

interface Job {
  readonly commit: Commit
  /** Every item that it touches. */
  readonly ids: readonly string[]
  result?: CommitResult
}

/** Commits without `alongside` go many in one call, the others a few in a transaction, all of it side by side. */
export async function commitAll(to: Connected, commits: readonly Commit[]): Promise<CommitResult[]> {
  const own = commitIds(commits, to.tableOf)
  const jobs = commits.map((commit, i): Job => {
    const id = own[i] ?? ''
    const error = whyImpossible(commit, id, to.tableOf)
    const others = (commit.alongside ?? []).map(({ ref }) => refId(to.tableOf(ref.table), ref))
    return { commit, ids: [id, ...others], ...(error && { result: { outcome: 'impossible', error } }) }
  })
  const open = jobs.filter(job => !job.result)
  const alongside = new Set(open.flatMap(({ ids }) => ids.slice(1)))
  // An item that another commit of this call changes alongside waits its turn with those.
  const inTransaction = (job: Job) => job.ids.length > 1 || alongside.has(job.ids[0] ?? '')
  await Promise.all([
    commitTogether(
      to,
      open.filter(job => !inTransaction(job)),
    ),
    commitInTurn(to, open.filter(inTransaction)),
  ])
  return jobs.map(({ result, commit }) => {
    if (!result) throw new Error(`no result for ${JSON.stringify(commit.ref)}`)
    return result
  })
}

/** Transactions that share an item would refuse each other: they go one after the other, in the order asked. */
async function commitInTurn(to: Connected, jobs: readonly Job[]): Promise<void> {
  for (const turn of turnsOf(jobs))
    await mapAtOnce(turn, async transaction => {
      const results = await transact(
        to,
        transaction.map(({ commit }) => commit),
      )
      for (const [i, job] of transaction.entries()) setResult(job, results[i])
    })
}

/**
 * Jobs in transactions, and transactions in turns: those of one turn share no item. Jobs that add to the same item go in
 * one transaction, where their additions are one; whatever else shares an item waits for the next turn.
 */
function turnsOf(jobs: readonly Job[]): Job[][][] {
  const turns: Job[][][] = []
  /** The last turn that touches an item, and the transaction there. */
  const last = new Map<string, { turn: number; transaction: Job[] }>()
  for (const job of jobs) {
    const met = job.ids.flatMap(id => last.get(id) ?? [])
    let turn = Math.max(0, ...met.map(other => other.turn))
    const inTurn = new Set(met.filter(other => other.turn === turn).map(({ transaction }) => transaction))
    const [one] = inTurn
    let transaction: Job[] | undefined
    if (!one) transaction = (turns[turn] ?? []).find(other => hasRoom(other, job))
    else if (inTurn.size === 1 && hasRoom(one, job) && one.every(other => onlyAddsWith(other, job))) transaction = one
    else transaction = turns[++turn]?.find(other => hasRoom(other, job))
    if (!transaction) (turns[turn] ??= []).push((transaction = []))
    transaction.push(job)
    for (const id of job.ids) last.set(id, { turn, transaction })
  }
  return turns
}

const hasRoom = (transaction: readonly Job[], { ids }: Job) =>
  transaction.length < COMMITS_A_TRANSACTION &&
  transaction.reduce((sum, other) => sum + other.ids.length, ids.length) <= TRANSACTION_ITEMS_MAX

/** Whether all that two jobs share are items that both add to. */
const onlyAddsWith = (one: Job, other: Job) => {
  const isAdd = (change: Alongside | undefined) => change?.kind === 'add' && !change.equals
  const added = (job: Job) => new Set(job.ids.filter((_, i) => i > 0 && isAdd(job.commit.alongside?.[i - 1])))
  const shared = one.ids.filter(id => other.ids.includes(id))
  return shared.every(id => added(one).has(id) && added(other).has(id))
}

async function commitTogether(to: Connected, jobs: readonly Job[]): Promise<void> {
  await mapAtOnce(chunked(jobs, STATEMENTS_MAX), chunk => commitChunk(to, chunk))
  await lookUpDuplicates(to, jobs)
}

/** Sets the result of each; none for an INSERT that found something. */
async function commitChunk(to: Connected, jobs: readonly Job[]): Promise<void> {
  const [first, second] = jobs
  if (first && !second) {
    first.result = await putAlone(to, first.commit)
    return
  }
  const statements = jobs.map(({ commit }) => statementFor(commit, to.physical(commit.ref.table)))
  try {
    const { Responses = [] } = await to.client.send(new BatchExecuteStatementCommand({ Statements: statements }))
    for (const [i, job] of jobs.entries()) setResult(job, resultOf(job.commit, Responses[i]))
  } catch (error) {
    // One statement that is not valid fails the call, and with it the innocent ones: each is tried alone.
    if (isValidation(error)) {
      await mapAtOnce(jobs, job => commitChunk(to, [job]))
      return
    }
    for (const job of jobs) job.result = { outcome: 'failed', error: asStoreError(error, 'commit') }
  }
}

/** One commit needs no batch: an HTTP function's only write is half as dear this way, and says itself what was there. */
async function putAlone({ client, physical, tableOf }: Connected, commit: Commit): Promise<CommitResult> {
  const { ref } = commit
  try {
    await client.send(new PutItemCommand(putOf(commit, physical(ref.table), tableOf(ref.table).partition)))
    return { outcome: 'committed' }
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException)
      return { outcome: 'lost', present: error.Item && fromAttributes(error.Item), alongside: [] }
    if (isValidation(error) || error instanceof ItemCollectionSizeLimitExceededException)
      return { outcome: 'impossible', error: impossible(ref, error.message, error) }
    return { outcome: 'failed', error: asStoreError(error, 'commit') }
  }
}

function setResult(job: Job, result: CommitResult | undefined) {
  if (result) job.result = result
}

function resultOf(commit: Commit, response: BatchStatementResponse | undefined): CommitResult | undefined {
  if (!response) return { outcome: 'failed', error: retryable('NoResponse', 'commit') }
  const { Error: failure } = response
  if (!failure) return { outcome: 'committed' }
  const { Code: code = 'Unknown', Message: message = 'not valid', Item: present } = failure
  if (code === 'DuplicateItem') return undefined
  if (code === 'ConditionalCheckFailed')
    return { outcome: 'lost', present: present && fromAttributes(present), alongside: [] }
  if (code === 'ValidationError' || code === 'ItemCollectionSizeLimitExceeded')
    return { outcome: 'impossible', error: impossible(commit.ref, message, failure) }
  if (isTransient(code)) return { outcome: 'failed', error: retryable(code, 'commit', failure) }
  return { outcome: 'failed', error: new Error(`DynamoDB did not commit: ${code} ${message}`) }
}

/** `DuplicateItem` does not say what is there: it is read. */
async function lookUpDuplicates(to: Connected, jobs: readonly Job[]): Promise<void> {
  const duplicates = jobs.filter(job => !job.result)
  if (duplicates.length === 0) return
  try {
    const present = await readAll(
      to,
      duplicates.map(({ commit }) => commit.ref),
    )
    for (const [i, job] of duplicates.entries()) job.result = { outcome: 'lost', present: present[i], alongside: [] }
  } catch (error) {
    for (const job of duplicates) job.result = { outcome: 'failed', error: asStoreError(error, 'read') }
  }
}
