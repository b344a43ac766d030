import { type DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { dynamoDbStore } from '#engine/adapters/dynamodb/store.ts'
import { memoryLog } from '#engine/adapters/memory/log.ts'
import { PoisonMessageError, RetryableError } from '#engine/model/errors.ts'
import type { Commit } from '#engine/model/ports.ts'
import { create, take, thing } from '../../integration/contract/fixtures.ts'
import { contractTables } from '../../integration/contract/tables.ts'

/** A client that answers with what `answers` gives, in order; functions throw or compute. */
function storeThatHears(...answers: unknown[]) {
  const sent: { name: string; input: Record<string, unknown> }[] = []
  const client = {
    async send(command: { input: Record<string, unknown> }) {
      sent.push({ name: command.constructor.name, input: command.input })
      const answer = answers.shift()
      return typeof answer === 'function' ? answer(command.input) : (answer ?? {})
    },
  } as unknown as DynamoDBClient
  const log = memoryLog()
  const tables = Object.fromEntries(contractTables.map(table => [table.name, { physicalName: table.name, table }]))
  return { store: dynamoDbStore({ client, tables, log }), sent, log }
}

const fail =
  (name: string, more: object = {}) =>
  () => {
    throw Object.assign(new Error(name), { name }, more)
  }
const plain = (id: string): Commit => create(id)
const inTransaction = (id: string): Commit => create(id, {}, [take('product', 1)])
const cancelled =
  (...codes: string[]) =>
  () => {
    throw new TransactionCanceledException({
      message: 'cancelled',
      $metadata: {},
      CancellationReasons: codes.map(Code => ({ Code, Message: Code })),
    })
  }

describe('a call that fails', () => {
  it.each([
    ['throttled', fail('ThrottlingException'), 'DYNAMODB_THROTTLING'],
    ['without capacity', fail('ProvisionedThroughputExceededException'), 'DYNAMODB_PROVISIONED_THROUGHPUT_EXCEEDED'],
    ['a server error', fail('Oops', { $metadata: { httpStatusCode: 503 } }), 'DYNAMODB_OOPS'],
    ['no answer', fail('TimeoutError'), 'DYNAMODB_TIMEOUT'],
    ['no connection', fail('Error', { code: 'ECONNREFUSED' }), 'DYNAMODB_ECONNREFUSED'],
  ])('is to be tried again: %s', async (_, failure, code) => {
    for (const commit of [plain('a'), inTransaction('a')]) {
      const { store, log } = storeThatHears(failure)
      const [result] = await store.commit([commit])
      expect(result).toMatchObject({ outcome: 'failed', error: { code } })
      expect(result).toHaveProperty('error', expect.any(RetryableError))
      expect(log.counted('failedCommits')).toBe(1)
    }
    await expect(storeThatHears(failure).store.read([thing('a')])).rejects.toMatchObject({ code })
    const query = { table: 'things', partition: { field: 'id', value: 'a' }, limit: 1 }
    await expect(storeThatHears(failure).store.query(query)).rejects.toMatchObject({ code })
    const row = { ref: thing('a'), item: { id: 'a' } }
    await expect(storeThatHears(failure).store.writeRows([row])).rejects.toMatchObject({ code })
  })

  it('is no transient failure if it is a mistake of ours', async () => {
    const denied = fail('AccessDeniedException', { $metadata: { httpStatusCode: 400 } })
    await expect(storeThatHears(denied).store.read([thing('a')])).rejects.not.toBeInstanceOf(RetryableError)
    const [result] = await storeThatHears(denied).store.commit([plain('a')])
    expect(result).toMatchObject({ outcome: 'failed', error: { name: 'AccessDeniedException' } })
  })
})

describe('a transaction that is cancelled', () => {
  it('is lost when a condition did not hold, whatever else went wrong', async () => {
    const { store } = storeThatHears(cancelled('TransactionConflict', 'ConditionalCheckFailed'))
    expect(await store.commit([inTransaction('a')])).toEqual([
      { outcome: 'lost', present: undefined, alongside: [{ ref: thing('product'), present: undefined }] },
    ])
  })

  it('is impossible when a write is not valid', async () => {
    const { store } = storeThatHears(cancelled('None', 'ValidationError'))
    const [result] = await store.commit([inTransaction('a')])
    expect(result).toMatchObject({ outcome: 'impossible' })
    expect(result).toHaveProperty('error', expect.any(PoisonMessageError))
  })
})

describe('a batch', () => {
  it('takes each statement’s own failure', async () => {
    const codes = ['', 'ThrottlingError', 'ConditionalCheckFailed', 'TransactionConflict', 'AccessDenied']
    const Responses = codes.map(Code => (Code ? { Error: { Code, Message: Code } } : {}))
    const { store } = storeThatHears({ Responses })
    const results = await store.commit(codes.map((_, i) => plain(`a${i}`)))
    expect(results.map(({ outcome }) => outcome)).toEqual(['committed', 'failed', 'lost', 'failed', 'failed'])
    expect(results[1]).toHaveProperty('error', expect.any(RetryableError))
    expect(results[3]).toHaveProperty('error', expect.any(RetryableError))
  })

  it('that one statement makes invalid is tried one by one', async () => {
    const { store, sent } = storeThatHears(
      fail('ValidationException'),
      (input: Record<string, unknown>) =>
        JSON.stringify(input).includes('"S":"bad"') ? fail('ValidationException')() : { Responses: [{}] },
      fail('ValidationException'),
    )
    const results = await store.commit([plain('good'), plain('bad')])
    expect(results.map(({ outcome }) => outcome)).toEqual(['committed', 'impossible'])
    expect(sent).toHaveLength(3)
  })

  it('reads again what DynamoDB left unread, and gives up after some rounds', async () => {
    const unread = { things: { Keys: [{ id: { S: 'b' } }] } }
    const found = (id: string) => ({ things: [{ id: { S: id } }] })
    const some = storeThatHears({ Responses: found('a'), UnprocessedKeys: unread }, { Responses: found('b') })
    expect(await some.store.read([thing('a'), thing('b')])).toEqual([{ id: 'a' }, { id: 'b' }])
    expect(some.sent[1]?.input).toEqual({ RequestItems: unread })

    const never = storeThatHears(...Array.from({ length: 10 }, () => ({ UnprocessedKeys: unread })))
    await expect(never.store.read([thing('b')])).rejects.toMatchObject({ code: 'DYNAMODB_UNPROCESSED_KEYS' })
    expect(never.sent).toHaveLength(6)
  })

  it('writes again the rows that DynamoDB left unwritten, and gives up after some rounds', async () => {
    const left = { things: [{ PutRequest: { Item: { id: { S: 'b' } } } }] }
    const rows = ['a', 'b'].map(id => ({ ref: thing(id), item: { id } }))
    const some = storeThatHears({ UnprocessedItems: left }, {})
    await some.store.writeRows(rows)
    expect(some.sent[1]?.input).toEqual({ RequestItems: left })

    const never = storeThatHears(...Array.from({ length: 10 }, () => ({ UnprocessedItems: left })))
    await expect(never.store.writeRows(rows)).rejects.toMatchObject({ code: 'DYNAMODB_UNPROCESSED_ITEMS' })
  })

  it('makes few calls: 60 commits three, 230 reads three, 60 rows three', async () => {
    const { store, sent } = storeThatHears(
      ...Array<unknown>(3).fill((input: { Statements: unknown[] }) => ({
        Responses: input.Statements.map(() => ({})),
      })),
    )
    await store.commit(Array.from({ length: 60 }, (_, i) => plain(`a${i}`)))
    await store.read(Array.from({ length: 230 }, (_, i) => thing(`a${i}`)))
    await store.writeRows(Array.from({ length: 60 }, (_, i) => ({ ref: thing(`a${i}`), item: { id: `a${i}` } })))
    expect(sent.map(({ name }) => name)).toEqual([
      ...Array<string>(3).fill('BatchExecuteStatementCommand'),
      ...Array<string>(3).fill('BatchGetItemCommand'),
      ...Array<string>(3).fill('BatchWriteItemCommand'),
    ])
  })
})
