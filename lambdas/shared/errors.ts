/** Errors are decisions: each is named by what the runtime will do about it. */
interface Details {
  /** A stable, greppable code: `DYNAMODB_THROTTLED`. */
  readonly code: string
  readonly sagaId?: string
  readonly cause?: unknown
}

abstract class RecourseError extends Error {
  readonly code: string
  readonly sagaId: string | undefined
  constructor(message: string, { code, sagaId, cause }: Details) {
    super(message, { cause })
    this.name = new.target.name
    this.code = code
    this.sagaId = sagaId
  }
}

/** The record is delivered again, with backoff, a bounded number of times: a throttled table, a broker that is away, a provider's 503. */
export class RetryableError extends RecourseError {}

/** The record can never be handled: it goes to `<topic>.dlq` at once, and is acknowledged. */
export class PoisonMessageError extends RecourseError {}

/** The settings of a function are wrong: it fails at its start and names the variable. */
export class ConfigurationError extends RecourseError {}
