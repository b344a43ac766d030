/** Commands that read tables by themselves: where those are, and what to say when they are not. */
import { DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb'
import type { Command } from 'commander'
import { localClient } from '../../localstack/runtime/dynamodb/client.ts'
import { ApiError } from '../../client/api-client.ts'

/** Where a deployment's tables are. */
export interface TablesAt {
  /** DynamoDB Local; left out: AWS. */
  readonly endpoint?: string
  /** Before every table's name. */
  readonly prefix: string
}

export interface WhereOptions {
  readonly dynamodb: string
  readonly stage?: string
}

/** `--dynamodb` and `--stage`. */
export const withWhere = (command: Command, env: Readonly<Record<string, string | undefined>>): Command =>
  command
    .option('--dynamodb <url>', 'DynamoDB Local', `http://127.0.0.1:${env['DYNAMODB_PORT'] || 18_000}`)
    .option('--stage <name>', 'a deployed stage instead, with the credentials of the AWS command line')

export const tablesAt = ({ dynamodb, stage }: WhereOptions): TablesAt =>
  stage === undefined ? { endpoint: dynamodb, prefix: '' } : { prefix: `${stage}-` }

export const clientAt = ({ endpoint }: TablesAt): DynamoDBClient =>
  new DynamoDBClient(endpoint === undefined ? {} : localClient(endpoint))

/** What went wrong, for a person. `noTable`: what it means that a table is not there. */
export function readable(error: unknown, { endpoint }: TablesAt, noTable: string): Error {
  const cause = firstCause(error)
  if (cause instanceof ResourceNotFoundException) return new ApiError(noTable, 0)
  const { code, message } = cause as { code?: string; message?: string }
  if (endpoint !== undefined && code === 'ECONNREFUSED')
    return new ApiError(
      `No DynamoDB listens at ${endpoint}: start it with \`npm start\`, or say where it is with --dynamodb`,
      0,
    )
  return cause instanceof Error && !('$metadata' in cause) ? cause : new ApiError(`DynamoDB: ${message}`, 0)
}

/** Whoever retries wraps what it gave up on. */
const firstCause = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error ? firstCause(error.cause) : error
