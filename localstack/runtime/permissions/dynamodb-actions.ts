/**
 * What a request to DynamoDB asks of IAM: the actions and resources of the Service Authorization Reference, "Actions,
 * resources, and condition keys for Amazon DynamoDB". Pure.
 */
import type { Permission } from '../template/permissions.ts'
import { ACCOUNT, REGION } from '../template/resource-types.ts'

type Body = Readonly<Record<string, unknown>>

/** `target`: the header `X-Amz-Target`. Throws for a request that is not known here, as nothing could be said of it. */
export function actionsOf(target: string, body: Body): Permission[] {
  const [, operation = ''] = target.split('.')
  switch (operation) {
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.keys(recordOf(body['RequestItems'])).map(table => on(operation, tableArn(table)))
    case 'TransactGetItems':
    case 'TransactWriteItems':
      return listOf(body['TransactItems']).flatMap(item => Object.entries(recordOf(item)).map(inTransaction))
    case 'ExecuteStatement':
      return [ofStatement(body)]
    case 'BatchExecuteStatement':
      return listOf(body['Statements']).map(ofStatement)
    case 'ExecuteTransaction':
      return listOf(body['TransactStatements']).map(ofStatement)
    case 'Query':
    case 'Scan':
      return [on(operation, tableOrIndex(textOf(body, 'TableName'), body['IndexName']))]
    case 'DescribeStream':
    case 'GetShardIterator':
      return [on(operation, streamArn(textOf(body, 'StreamArn')))]
    case 'GetRecords':
      return [on(operation, streamArn(streamOfIterator(textOf(body, 'ShardIterator'))))]
    case 'GetItem':
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
    case 'DescribeTable':
    case 'DescribeTimeToLive':
      return [on(operation, tableArn(textOf(body, 'TableName')))]
    case 'ListStreams':
      return [on(operation, typeof body['TableName'] === 'string' ? streamOf(body['TableName']) : '*')]
    case 'ListTables':
      return [on(operation, '*')]
    default:
      throw new Error(`it is not known here which permissions ${target} needs (permissions/dynamodb-actions.ts)`)
  }
}

const on = (operation: string, resource: string): Permission => ({ action: `dynamodb:${operation}`, resource })

const OF_TRANSACTION: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
}

/** There is no action of IAM for a transaction: each of its items needs the one of its own. */
function inTransaction([kind, item]: [string, unknown]): Permission {
  const operation = OF_TRANSACTION[kind]
  if (operation === undefined) throw new Error(`a transaction with ${kind} is not known here`)
  return on(operation, tableArn(textOf(recordOf(item), 'TableName')))
}

/** The beginnings of PartiQL's statements, each with the table or `"table"."index"` that it names. */
const STATEMENTS: Readonly<Record<string, RegExp>> = {
  PartiQLInsert: /^\s*INSERT\s+INTO\s+(\S+)/i,
  PartiQLUpdate: /^\s*UPDATE\s+(\S+)/i,
  PartiQLDelete: /^\s*DELETE\s+FROM\s+(\S+)/i,
  PartiQLSelect: /^\s*SELECT\s.*?\sFROM\s+(\S+)/is,
}

function ofStatement(statement: unknown): Permission {
  const text = textOf(recordOf(statement), 'Statement')
  for (const [operation, beginning] of Object.entries(STATEMENTS)) {
    const name = text.match(beginning)?.[1]
    if (name === undefined) continue
    const [table = '', index] = name.split(/(?<=")\.(?=")/).map(part => part.replace(/^"(.*)"$/, '$1'))
    return on(operation, tableOrIndex(table, index))
  }
  throw new Error(`a statement of this kind is not known here: ${text.slice(0, 40)}`)
}

const tableArn = (name: string) => (name.startsWith('arn:') ? name : arn(`table/${name}`))

/** Who asks an index needs nothing of its table. */
const tableOrIndex = (table: string, index: unknown) =>
  typeof index === 'string' ? `${tableArn(table)}/index/${index}` : tableArn(table)

/** Policies name a stream as the templates do; the database has a label in its place. */
const streamArn = (itsOwn: string) => {
  const table = itsOwn.match(/:table\/([^/]+)\/stream\//)?.[1]
  if (table === undefined) throw new Error('a stream without a table')
  return streamOf(table)
}
const streamOf = (table: string) => arn(`table/${table}/stream/local`)

/** DynamoDB Local's iterators hold what they are for: `000|arn:…:table/orders/stream/…|…`. */
const streamOfIterator = (iterator: string) => iterator.split('|').find(part => part.includes(':table/')) ?? ''

const arn = (rest: string) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:${rest}`

const recordOf = (value: unknown): Body => {
  if (typeof value !== 'object' || value === null) throw new Error('a request that is malformed')
  return value as Body
}
const listOf = (value: unknown): readonly unknown[] => {
  if (!Array.isArray(value)) throw new Error('a request that is malformed')
  return value
}
const textOf = (body: Body, name: string): string => {
  const value = body[name]
  if (typeof value !== 'string') throw new Error(`a request without ${name}`)
  return value
}
