/** What a function's worker thread and the runtime say to each other. */

/** Given to a worker when it starts. */
export interface WorkerSettings {
  readonly name: string
  readonly arn: string
  readonly memoryMegabytes: number
  /** The folder of the bundle. */
  readonly folder: string
  /** PEM: a certificate that it trusts beside those that Node knows. */
  readonly certificate?: string | undefined
  /** One number, shared by all threads of the function: calls of DynamoDB so far. */
  readonly databaseCalls: Int32Array<SharedArrayBuffer>
  /** `index.handler`: the module and what it exports. */
  readonly handler: string
}

export interface Invoke {
  readonly id: number
  /** JSON, as Lambda hands it over. */
  readonly event: string
  readonly requestId: string
  /** Milliseconds since 1970: when the worker will be ended if it has not answered. */
  readonly deadline: number
}

/** Whoever invoked it is gone: it may end at once, and its answer goes nowhere. */
export interface Abandon {
  readonly abandoned: number
}

export type FromWorker =
  | { readonly kind: 'ready'; readonly initMs: number }
  | { readonly kind: 'failed-start'; readonly error: FunctionFailure }
  /** `answer`: JSON, as Lambda takes it. */
  | { readonly kind: 'answered'; readonly id: number; readonly answer: string }
  | { readonly kind: 'threw'; readonly id: number; readonly error: FunctionFailure }

/** An error as Lambda reports it. */
export interface FunctionFailure {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace: string
}
