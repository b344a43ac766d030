import type { Aggregate } from '#engine/model/aggregate.ts'
import type { Value } from '#engine/model/ports.ts'
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

/** Who published again what a service had published wrong, and what became of it: the audit's entry. */
export interface RepublishAction {
  readonly kind: 'republish'
  readonly service: string
  readonly key: string
  readonly sagaId: string
  /** The version of the service's item that held what was wrong. */
  readonly seenVersion: number
  readonly by: string
  readonly reason: string
  readonly at: string
  /** Each message with the fields that differ, as they were published and as they are. Without secrets. */
  readonly messages: readonly {
    readonly id: string
    readonly type: string
    readonly typeBefore?: string
    readonly before: Value
    readonly after: Value
  }[]
  readonly expiresAt: number
}

/** What the change feed publishes in the place of the service's own: kept until that is done, as it may hold a secret. */
export interface MessagesToRepublish {
  readonly kind: 'messages'
  /** The aggregate whose messages they are. */
  readonly type: string
  readonly key: string
  readonly sagaId: string
  readonly expiresAt: number
}

/** It handles nothing: actions come over HTTP, and the change feed publishes them. */
export const sagaAction: Aggregate<SagaAction | RepublishAction | MessagesToRepublish> = {
  type: 'saga-action',
  table: sagaActionsTable,
  handles: [],
  publishes: [SagaRetry, SagaAbort, SagaResolve],
  sagaIdOf: ({ sagaId }) => sagaId,
  sentBy: state => (state.kind === 'messages' ? { type: state.type, key: state.key } : undefined),
  decide: () => {
    throw new Error('an action handles no message')
  },
}
