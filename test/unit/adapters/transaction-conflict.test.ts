import { type DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { transact } from '#shared/adapters/dynamodb/transactions.ts'

const conflict = new TransactionCanceledException({
  message: 'cancelled',
  $metadata: {},
  CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
})

function conflicting(times: number) {
  let calls = 0
  const pauses: number[] = []
  const send = async () => {
    if (++calls <= times) throw conflict
    return {}
  }
  const to = {
    client: { send } as unknown as DynamoDBClient,
    physical: (name: string) => name,
    tableOf: (name: string) => ({ name, partition: 'id' }),
    sleep: async (ms: number) => void pauses.push(ms),
  }
  const commit = {
    ref: { table: 't', key: { id: 'a' } },
    previous: undefined,
    item: { id: 'a', version: 1 },
    alongside: [{ kind: 'add' as const, ref: { table: 't', key: { id: 'b' } }, add: { stock: -1 } }],
  }
  return { run: () => transact(to, commit), calls: () => calls, pauses }
}

test('a transaction that met another on a hot item tries again, with growing pauses', async () => {
  const { run, calls, pauses } = conflicting(2)
  expect(await run()).toEqual({ outcome: 'committed' })
  expect(calls()).toBe(3)
  expect(pauses).toHaveLength(2)
})

test('one that meets others for ever is given up on, to be delivered again', async () => {
  const { run, calls } = conflicting(Number.POSITIVE_INFINITY)
  expect(await run()).toMatchObject({ outcome: 'failed', error: { code: 'DYNAMODB_TRANSACTION_CONFLICT' } })
  expect(calls()).toBeLessThan(10)
})
