import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { dynamoDbStore } from '#engine/adapters/dynamodb/store.ts'
import { transact } from '#engine/adapters/dynamodb/transactions.ts'
import { memoryLog } from '#engine/adapters/memory/log.ts'
import type { Commit } from '#engine/model/ports.ts'

const takesFrom = (id: string, product: string): Commit => ({
  ref: { table: 't', key: { id } },
  previous: undefined,
  item: { id, version: 1 },
  alongside: [{ kind: 'add', ref: { table: 't', key: { id: product } }, add: { stock: -1 }, atLeast: { stock: 1 } }],
})
const cancelledBy = (...codes: string[]) =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map(Code => ({ Code })),
  })

/** `answer`: the error of the nth call, from 1; it says so with the ids of the items that the call puts. */
function database(answer: (n: number, puts: string) => Error | undefined) {
  const calls: string[] = []
  const changes: string[] = []
  const pauses: number[] = []
  const send = async ({ input }: TransactWriteItemsCommand) => {
    const puts = (input.TransactItems ?? []).flatMap(({ Put }) => Put?.Item?.['id']?.S ?? []).join('')
    calls.push(puts)
    for (const { Update } of input.TransactItems ?? [])
      if (Update)
        changes.push(
          `${Update.Key?.['id']?.S}: ADD ${Update.ExpressionAttributeValues?.[':a0']?.N} if #c0 >= ${Update.ExpressionAttributeValues?.[':c0']?.N}`,
        )
    const error = answer(calls.length, puts)
    if (error) throw error
    return {}
  }
  const client = { send } as unknown as DynamoDBClient
  const table = { name: 't', partition: 'id' }
  const to = { client, physical: () => 't', tableOf: () => table, sleep: async (ms: number) => void pauses.push(ms) }
  const store = dynamoDbStore({ client, tables: { t: { physicalName: 't', table } }, log: memoryLog() })
  return { to, store, calls, changes, pauses }
}
const conflict = cancelledBy('None', 'TransactionConflict')

test('a transaction that met another on a hot item tries again, with growing pauses', async () => {
  const { to, calls, pauses } = database(n => (n <= 2 ? conflict : undefined))
  expect(await transact(to, [takesFrom('a', 'x')])).toEqual([{ outcome: 'committed' }])
  expect(calls).toHaveLength(3)
  expect(pauses).toHaveLength(2)
})

test('one that meets others for ever is given up on, to be delivered again', async () => {
  const { to, calls } = database(() => conflict)
  const [result] = await transact(to, [takesFrom('a', 'x')])
  expect(result).toMatchObject({ outcome: 'failed', error: { code: 'DYNAMODB_TRANSACTION_CONFLICT' } })
  expect(calls.length).toBeLessThan(10)
})

test('commits go in one transaction also if they add to the same item, which becomes one addition', async () => {
  const { store, calls, changes } = database(() => undefined)
  const commits = [takesFrom('a', 'x'), takesFrom('b', 'y'), takesFrom('c', 'x'), takesFrom('d', 'x')]
  expect(await store.commit(commits)).toEqual(commits.map(() => ({ outcome: 'committed' })))
  expect(calls).toEqual(['abcd'])
  expect(changes).toEqual(['x: ADD -3 if #c0 >= 3', 'y: ADD -1 if #c0 >= 1'])
})

test('what changes an item in another way, or one that two transactions touch, waits for the turn after it', async () => {
  const { store, calls } = database(() => undefined)
  const insertsX: Commit = {
    ...takesFrom('b', 'y'),
    alongside: [{ kind: 'insert', ref: { table: 't', key: { id: 'x' } }, item: { id: 'x' } }],
  }
  await store.commit([takesFrom('a', 'x'), insertsX, takesFrom('c', 'x')])
  expect(calls).toEqual(['a', 'bx', 'c'])
})

test('if all that they add together is too much, each goes alone in the order asked, and the others without them', async () => {
  const tooMuch = cancelledBy('None', 'None', 'None', 'ConditionalCheckFailed', 'None')
  const none = cancelledBy('None', 'ConditionalCheckFailed')
  const { to, calls } = database((_, puts) => (puts === 'abc' ? tooMuch : puts === 'c' ? none : undefined))
  const results = await transact(to, [takesFrom('a', 'x'), takesFrom('b', 'y'), takesFrom('c', 'x')])
  expect(results.map(({ outcome }) => outcome)).toEqual(['committed', 'committed', 'lost'])
  expect(calls).toEqual(['abc', 'b', 'a', 'c'])
})

test('no transaction holds more than sixteen commits', async () => {
  const { store, calls } = database(() => undefined)
  await store.commit(Array.from('abcdefghijklmnopqrs', id => takesFrom(id, id.toUpperCase())))
  expect(calls).toEqual(['abcdefghijklmnop', 'qrs'])
})

test('whose condition does not hold is lost alone: the others of its transaction are written without it', async () => {
  const lost = cancelledBy('None', 'None', 'None', 'None', 'ConditionalCheckFailed', 'None')
  const { to, calls } = database((_, puts) => (puts.includes('b') ? lost : undefined))
  const results = await transact(to, [takesFrom('a', 'x'), takesFrom('b', 'y'), takesFrom('c', 'z')])
  expect(results.map(({ outcome }) => outcome)).toEqual(['committed', 'lost', 'committed'])
  expect(results[1]).toMatchObject({ alongside: [{ ref: { key: { id: 'y' } } }] })
  expect(calls).toEqual(['abc', 'ac'])
})

test('a transaction of several that meets another one is tried again as it is, and in the end commit by commit', async () => {
  const met = cancelledBy('None', 'None', 'TransactionConflict', 'None')
  const commits = [takesFrom('a', 'x'), takesFrom('b', 'y')]
  const once = database(n => (n === 1 ? met : undefined))
  expect(await transact(once.to, commits)).toEqual([{ outcome: 'committed' }, { outcome: 'committed' }])
  expect(once.calls).toEqual(['ab', 'ab'])
  expect(once.pauses).toHaveLength(1)

  const always = database((_, puts) => (puts === 'ab' ? met : puts === 'a' ? conflict : undefined))
  const results = await transact(always.to, commits)
  expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'committed'])
  expect(always.calls.slice(-1)).toEqual(['b'])
  expect(always.calls.length).toBeLessThan(20)
})

test('what can never be written does not take the others of its transaction with it', async () => {
  const invalid = Object.assign(new Error('not valid'), { name: 'ValidationException' })
  const { to, calls } = database((_, puts) => (puts.includes('b') ? invalid : undefined))
  const results = await transact(to, [takesFrom('a', 'x'), takesFrom('b', 'y'), takesFrom('c', 'z')])
  expect(results.map(({ outcome }) => outcome)).toEqual(['committed', 'impossible', 'committed'])
  expect(calls).toEqual(['abc', 'a', 'b', 'c'])
})
