import { describe, expect, it } from 'vitest'
import { actionsOf } from '../../../../localstack/runtime/permissions/dynamodb-actions.ts'

const table = (rest: string) => `arn:aws:dynamodb:eu-west-1:000000000000:table/${rest}`
const needed = (operation: string, body: Record<string, unknown>, api = 'DynamoDB_20120810') =>
  actionsOf(`${api}.${operation}`, body).map(({ action, resource }) => `${action} ${resource}`)

describe('a request to DynamoDB needs', () => {
  it('the action of its name on its table', () => {
    expect(needed('PutItem', { TableName: 'orders', Item: {} })).toEqual([`dynamodb:PutItem ${table('orders')}`])
  })

  it('for a batch, its own action on each of its tables, and none of the single ones', () => {
    expect(needed('BatchGetItem', { RequestItems: { orders: {}, sagas: {} } })).toEqual([
      `dynamodb:BatchGetItem ${table('orders')}`,
      `dynamodb:BatchGetItem ${table('sagas')}`,
    ])
    expect(needed('BatchWriteItem', { RequestItems: { history: [] } })).toEqual([
      `dynamodb:BatchWriteItem ${table('history')}`,
    ])
  })

  it('for a transaction, the action of each item', () => {
    const items = [
      { Put: { TableName: 'a' } },
      { Update: { TableName: 'b' } },
      { Delete: { TableName: 'c' } },
      { ConditionCheck: { TableName: 'd' } },
    ]
    expect(needed('TransactWriteItems', { TransactItems: items })).toEqual([
      `dynamodb:PutItem ${table('a')}`,
      `dynamodb:UpdateItem ${table('b')}`,
      `dynamodb:DeleteItem ${table('c')}`,
      `dynamodb:ConditionCheckItem ${table('d')}`,
    ])
    expect(needed('TransactGetItems', { TransactItems: [{ Get: { TableName: 'a' } }] })).toEqual([
      `dynamodb:GetItem ${table('a')}`,
    ])
  })

  it('for a statement, what it does to the table or the index that it names', () => {
    const statements = [
      `INSERT INTO "orders" VALUE {'a': ?}`,
      'UPDATE "orders" SET "a" = ? WHERE "from" = ?',
      'delete from orders where a = ?',
      'SELECT * FROM "orders"."byCustomer" WHERE a = ?',
      'SELECT "a"\nFROM "orders-history"',
    ]
    const expected = [
      `dynamodb:PartiQLInsert ${table('orders')}`,
      `dynamodb:PartiQLUpdate ${table('orders')}`,
      `dynamodb:PartiQLDelete ${table('orders')}`,
      `dynamodb:PartiQLSelect ${table('orders/index/byCustomer')}`,
      `dynamodb:PartiQLSelect ${table('orders-history')}`,
    ]
    const asked = statements.map(Statement => ({ Statement }))
    expect(needed('BatchExecuteStatement', { Statements: asked })).toEqual(expected)
    expect(needed('ExecuteTransaction', { TransactStatements: asked })).toEqual(expected)
    expect(asked.flatMap(one => needed('ExecuteStatement', one))).toEqual(expected)
  })

  it('for a query of an index, the index alone', () => {
    expect(needed('Query', { TableName: 'orders' })).toEqual([`dynamodb:Query ${table('orders')}`])
    expect(needed('Query', { TableName: 'orders', IndexName: 'byCustomer' })).toEqual([
      `dynamodb:Query ${table('orders/index/byCustomer')}`,
    ])
  })

  it('for a change feed, the stream as the templates name it, also where only an iterator tells which it is', () => {
    const arn = 'arn:aws:dynamodb:ddblocal:000000000000:table/orders/stream/2026-11-21T23:30:00.000'
    const api = 'DynamoDBStreams_20120810'
    const stream = table('orders/stream/local')
    expect(needed('DescribeStream', { StreamArn: arn }, api)).toEqual([`dynamodb:DescribeStream ${stream}`])
    expect(needed('GetShardIterator', { StreamArn: arn }, api)).toEqual([`dynamodb:GetShardIterator ${stream}`])
    expect(needed('ListStreams', { TableName: 'orders' }, api)).toEqual([`dynamodb:ListStreams ${stream}`])
    expect(needed('ListStreams', {}, api)).toEqual(['dynamodb:ListStreams *'])
    expect(needed('GetRecords', { ShardIterator: `000|${arn}|c2hhcmQ=` }, api)).toEqual([
      `dynamodb:GetRecords ${stream}`,
    ])
  })

  it.each([
    ['an operation', 'ImportTable', {}],
    ['a kind of write', 'TransactWriteItems', { TransactItems: [{ Replace: { TableName: 'a' } }] }],
    ['a statement', 'ExecuteStatement', { Statement: 'EXISTS(SELECT 1)' }],
    ['a request without a table', 'PutItem', {}],
  ])('something that is not known here, and so is an error: %s', (_, operation, body) => {
    expect(() => needed(operation, body)).toThrow()
  })
})
