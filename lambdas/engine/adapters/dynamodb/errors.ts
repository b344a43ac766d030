import { RetryableError } from '../../model/errors.ts'

/** By what a transient failure is known, beside a status of 5xx or 429. */
const TRANSIENT = new Set([
  'InternalServerError',
  'LimitExceededException',
  'ProvisionedThroughputExceeded',
  'ProvisionedThroughputExceededException',
  'ReplicatedWriteConflictException',
  'RequestLimitExceeded',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailable',
  'ThrottlingError',
  'ThrottlingException',
  'TimeoutError',
  'TransactionConflict',
  'TransactionConflictException',
  'TransactionInProgressException',
])
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT'])

interface Shape {
  readonly name?: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** A RetryableError with a code like `DYNAMODB_THROTTLING` if waiting may help, else the error as it is. */
export function asStoreError(error: unknown, what: string): Error {
  if (error instanceof RetryableError) return error
  const { name = '', code = '', $metadata } = (typeof error === 'object' && error !== null ? error : {}) as Shape
  const status = $metadata?.httpStatusCode ?? 0
  if (TRANSIENT.has(name) || NETWORK.has(code) || status >= 500 || status === 429)
    return retryable(code || name, what, error)
  return error instanceof Error ? error : new Error(`${what}: ${String(error)}`)
}

export const isTransient = (code: string | undefined) => code !== undefined && TRANSIENT.has(code)

export const retryable = (why: string, what: string, cause?: unknown) =>
  new RetryableError(`DynamoDB did not ${what}: ${why}`, { code: `DYNAMODB_${upperSnake(why)}`, cause })

/** `ThrottlingException` → `THROTTLING` */
const upperSnake = (name: string) =>
  name
    .replace(/(Exception|Error)$/, '')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toUpperCase()

export const isValidation = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'ValidationException'
