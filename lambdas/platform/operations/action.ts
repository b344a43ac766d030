import type { Aggregate } from '#engine/model/aggregate.ts'
import { SagaAbort, SagaResolve, SagaRetry } from '#engine/saga/control-messages.ts'
import { sagaActionsTable } from './tables.ts'

/** One action of an operator on one saga, as it was asked for. The saga's timeline says what came of it. */
export interface SagaAction {
  readonly kind: 'retry' | 'abort' | 'resolve'
  readonly saga: string
  readonly sagaId: string
  /** The version of the saga that the operator saw; at another one the action is only noted. */
  readonly seenVersion: number
  /** The token's `sub`. */
  readonly by: string
  readonly reason: string
  /** ISO 8601, UTC. */
  readonly at: string
  /** Seconds since 1970. */
  readonly expiresAt: number
}

/** It handles nothing: actions come over HTTP, and the change feed publishes them on `saga-control`. */
export const sagaAction: Aggregate<SagaAction> = {
  type: 'saga-action',
  table: sagaActionsTable,
  handles: [],
  publishes: [SagaRetry, SagaAbort, SagaResolve],
  sagaIdOf: ({ sagaId }) => sagaId,
  decide: () => {
    throw new Error('an action handles no message')
  },
}
