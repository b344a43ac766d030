/**
 * What a saga's definition becomes when it is built: data and pure functions, which the orchestrator runs, `describe`
 * prints and the wiring reads. `define.ts` is how it is written; `writing.ts` holds the types that guard the writing.
 */
import type { Command, Event, Reaction } from '../model/messages.ts'

export interface Duration {
  readonly seconds: number
}

/** What a saga knows: the fields of the event that began it and what its replies added. */
export type Fields = Readonly<Record<string, unknown>>

export interface SagaDefinition {
  /** Unique in the system; its orchestrator is the function `<name>-saga`. */
  readonly name: string
  /** A running saga keeps the version that it started with. Whole, from 1. */
  readonly version: number
  /** The field that holds the saga's id: `orderId`. It is filled into each command that has it. */
  readonly key: string
  readonly startsWith: Event
  /** A reply that may come without a saga: it begins one at a later step. */
  readonly joins?: { readonly with: Event; readonly at: string }
  /** From its first commit: before the point of no return it aborts, after it it is STUCK. */
  readonly deadlineSeconds: number
  readonly history?: HistoryDefinition
  /** Forward, in order: steps, at most one pivot, retriable steps. */
  readonly steps: readonly Step[]
  /** Sent after the last compensation. */
  readonly abort?: AbortStep
  /** The orchestrator as reactions: what each message that it handles can make it publish. Without its control messages. */
  readonly reactions: readonly Reaction[]
}

/** The status that a row of `table` gets: on the first commit, on the last, when the abort's command is sent. */
export interface HistoryDefinition {
  /** `orders-history`. */
  readonly table: string
  readonly started?: string
  readonly completed?: string
  readonly aborting?: string
}

/** One command and how long its reply is waited for. */
export interface CommandSettings {
  readonly command: Command
  /** For each attempt, in seconds. */
  readonly withinSeconds: number
  /** The first one counts. Afterwards a step is compensated; everything else is STUCK. */
  readonly attemptsMax: number
  /** The command's body without the saga's own key. */
  send(state: Fields): Record<string, unknown>
}

export interface Step extends CommandSettings {
  readonly name: string
  readonly kind: 'step' | 'pivot' | 'retriable'
  /** For each reply that means that the work is done: what it adds to the state. Empty: the step ends when it is sent. */
  readonly done: Readonly<Record<string, (reply: Fields, state: Fields) => Record<string, unknown>>>
  /** For each reply that means that nothing was changed: why the saga aborts. */
  readonly refused: Readonly<Record<string, (reply: Fields, state: Fields) => string>>
  /** The compensation of a 'step'; left out where there is nothing to undo. `send` sees `abortedBecause` too. */
  readonly undo?: Undo
  /** How a pivot whose outcome is unknown is settled (`ifUnknown`); left out: the command is retried, then the saga is STUCK. */
  readonly settle?: Undo
}

export interface Undo extends CommandSettings {
  /** Refusals after which the service undoes it on its own; the command is sent only when that is late. */
  readonly onItsOwnAfter: readonly string[]
  /** The step is undone after a refusal as well, as the refusal may have been another's: in its turn, or last of all. */
  readonly evenIfRefused: boolean | 'after the abort'
}

export interface AbortStep extends CommandSettings {
  readonly name: string
}
