import type { SagaDefinition } from './builder.ts'

export type SagaStatus = 'RUNNING' | 'COMPENSATING' | 'COMPLETED' | 'ABORTED' | 'STUCK'

/**
 * Where a saga is. `do` a step; `undo` a step that was done or may have been; `settle` a pivot whose outcome is
 * unknown; `abort`: notify whoever began the saga.
 */
export type Doing = 'do' | 'undo' | 'settle' | 'abort'

/** It has ended, and nothing changes it any more. */
export const isClosed = ({ status }: { readonly status: SagaStatus }) => status === 'COMPLETED' || status === 'ABORTED'

/** What the orchestrator keeps of one saga. Times are milliseconds since 1970. */
export interface SagaState {
  /** The version of the definition that it began with, and finishes with. */
  readonly definition: number
  readonly status: SagaStatus
  /** The step's name, and what is done about it. */
  readonly step: string
  readonly doing: Doing
  /** The starting event's body and what the replies added. */
  readonly data: Readonly<Record<string, unknown>>
  /** Why it is being undone: the refusal's reason, TIMED_OUT or ABORTED. */
  readonly reason?: string
  /** A step that was refused and is undone after the abort all the same. */
  readonly undoLast?: string
  /** The version and number of the command that it waits for an answer to; none: the service answers on its own. */
  readonly pendingId?: readonly [version: number, n: number]
  /** How often that command was sent. */
  readonly attempt: number
  /** When the command is late. */
  readonly dueAt?: number
  /** When the saga as a whole is late. */
  readonly deadlineAt: number
  /** Where the sweeper looks: never later than what is due first, and moved only when it must be. Closed sagas: their end. */
  readonly wakeAt: number
  readonly startedAt: number
  readonly updatedAt: number
  readonly timeline: string
  /** Seconds since 1970; only closed sagas are forgotten. */
  readonly expiresAt?: number
}

/** One line of a saga's history: milliseconds since its start, the message's type, its short id, where that led; for an operator's action who did it and why. */
export type TimelineEntry = readonly [
  ms: number,
  what: number | string,
  message: string,
  place: string,
  by?: string,
  reason?: string,
]

const TIMELINE_MAX = 50

/** The timeline with one more entry. The first is kept, and the latest. */
export function noted(timeline: string | undefined, entry: TimelineEntry): string {
  const entries = readTimeline(timeline)
  return JSON.stringify([
    ...(entries.length < TIMELINE_MAX ? entries : [...entries.slice(0, 1), ...entries.slice(2)]),
    entry,
  ])
}

export const readTimeline = (timeline: string | undefined): TimelineEntry[] =>
  timeline === undefined ? [] : (JSON.parse(timeline) as TimelineEntry[])

/** Message ids in a timeline leave the saga's own id out: `reservation:~.1.0`. */
export const shortId = (messageId: string, sagaId: string) => messageId.replace(sagaId, '~')
export const longId = (short: string, sagaId: string) => short.replace('~', () => sagaId)

/** Message types as the timeline abbreviates them: their place in the definition. A definition's version fixes it. */
export function vocabularyOf(saga: SagaDefinition): string[] {
  const commands = saga.steps.flatMap(step => [step.command, step.undo?.command, step.settle?.command])
  return [
    saga.startsWith.type,
    ...[...commands, saga.abort?.command].flatMap(command =>
      [...(command?.done ?? []), ...(command?.refused ?? [])].map(m => m.type),
    ),
  ]
}
