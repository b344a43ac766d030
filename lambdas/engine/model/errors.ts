/** Errors are decisions: each is named by what the runtime will do about it. */
interface Details {
  /** A stable, greppable code: `DYNAMODB_THROTTLED`. */
  readonly code: string
  readonly sagaId?: string
  readonly cause?: unknown
}

/** Its name is read in logs and alarms, and so written out: a minifier renames classes. */
abstract class RecourseError extends Error {
  abstract override readonly name: string
  readonly code: string
  readonly sagaId: string | undefined
  constructor(message: string, { code, sagaId, cause }: Details) {
    super(message, { cause })
    this.code = code
    this.sagaId = sagaId
  }
}

/** The record is delivered again, with backoff, a bounded number of times: a throttled table, a broker that is away, a provider's 503. */
export class RetryableError extends RecourseError {
  override readonly name = 'RetryableError'
}

/** The record can never be handled: it goes to `<topic>.dlq` at once, and is acknowledged. */
export class PoisonMessageError extends RecourseError {
  override readonly name = 'PoisonMessageError'
}

/** What rules publish is not what its contract allows: a bug of the sender, handled as a decision that threw, before anything is written. */
export class ContractError extends RecourseError {
  override readonly name = 'ContractError'
}

/** The settings of a function are wrong: it fails at its start and names the variable. */
export class ConfigurationError extends RecourseError {
  override readonly name = 'ConfigurationError'
}
