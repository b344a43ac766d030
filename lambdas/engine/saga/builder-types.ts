/**
 * The types behind the builder: what may follow what, what each function is given and must answer. Nothing here runs.
 * Where something is not allowed, a type carries the sentence that the compiler prints.
 */
import type { Body, Command, Event, MessageType } from '../model/messages.ts'
import type { Duration, SagaDefinition } from './definition.ts'

/** Not callable: the compiler prints why. */
export type Sorry<Why extends string> = { readonly [K in Why]: never }

type Show<T> = { [K in keyof T]: T[K] } & {}
type ByType<M extends MessageType> = { [E in M as E['type']]: E }
type Done<C extends Command> = ByType<C['done'][number]>
type Refused<C extends Command> = ByType<C['refused'][number]>
/** The saga's own key is filled in. */
type Sent<C, Key extends string> = Omit<Body<C>, Key>
/** Replies only add fields: one that the state has already keeps its type. */
type Adds<C extends Command, S> = {
  [T in keyof Done<C>]: { [K in keyof S]?: S[K] } & {
    abortedBecause?: Sorry<'abortedBecause is kept for why the saga is aborted: choose another name'>
  } & { [field: string]: unknown }
}
type FieldsOf<A> = A extends unknown ? keyof A : never
/** With what the reply adds; a command without replies adds nothing. */
type After<S, D> = [keyof D] extends [never] ? S : S & D[keyof D]
/** The reply may not have come. */
type Maybe<A> = { [K in FieldsOf<A>]?: A extends { [P in K]: infer V } ? V : never }
type Aborting<S> = S & {
  /** The refusal's reason, `TIMED_OUT`, or `ABORTED` by an operator. */
  abortedBecause: string
}
type Fresh<N extends string, Names> = N extends Names ? `there is a step '${N}' already` : N
type Sure<C extends Command> = [keyof Refused<C>] extends [never]
  ? unknown
  : `${C['type']} can be refused (${keyof Refused<C> & string}), so it is a step or the pivot`

export interface Limits {
  /** For each attempt. Default: 60 seconds. */
  within?: Duration
  /** Default: 3 for a step or the pivot, 10 for what must be done in the end. */
  attempts?: number
}

/** How a command is sent. `send` may be left out where the command needs nothing but the saga's key. `B`: what it gives. */
type CommandOptions<C extends Command, Key extends string, S, B> = Limits &
  ({} extends Sent<C, Key> ? { send?: Send<C, Key, S, B> } : { send: Send<C, Key, S, B> })
type Send<C extends Command, Key extends string, S, B> = (
  state: Show<S>,
) => B & Sent<C, Key> & Unknown<C, Exclude<keyof B, keyof Sent<C, Key>>>
type Unknown<C extends Command, Field extends PropertyKey> = {
  [F in Field]: Sorry<`${C['type']} has no field '${F & string}'`>
}

type Try<C extends Command, Key extends string, S, D, B> = CommandOptions<C, Key, S, B> &
  ([keyof Done<C>] extends [never] ? Unanswered<C> : Handled<C, S, D>) &
  ([keyof Refused<C>] extends [never] ? unknown : Refusals<C, S>)
interface Unanswered<C extends Command> {
  /** Nobody answers: the step ends when the command is sent. */
  done?: `nobody answers ${C['type']}, so there is nothing to handle`
}
interface Handled<C extends Command, S, D> {
  /** For each reply that means the work is done: what it adds to the saga's state. */
  done: {
    [T in keyof D]: T extends keyof Done<C>
      ? (reply: Body<Done<C>[T]>, state: Show<S>) => D[T]
      : `${T & string} is no reply that means ${C['type']} is done`
  }
}
interface Refusals<C extends Command, S> {
  /** For each reply that means nothing was changed: why the saga aborts. */
  refused: { [T in keyof Refused<C>]: (reply: Body<Refused<C>[T]>, state: Show<S>) => string }
}

export interface Finished {
  /** Checks what types cannot and gives the definition. Throws a SagaDefinitionError that names the saga, the step and the remedy. */
  build(): SagaDefinition
}

interface Ending<Key extends string, M, Names> extends Finished {
  /** Notifies whoever began the saga that it was aborted, after the last compensation. Tried until done, then STUCK. */
  onAbort<const N extends string, C extends Command, B>(
    name: Fresh<N, Names>,
    command: C & Sure<C>,
    ask: CommandOptions<C, Key, Aborting<M>, B>,
  ): Finished
}

interface Committed<Key extends string, S, M, Names> extends Ending<Key, M, Names> {
  /** Cannot be refused: tried until done, then STUCK. */
  retriable<const N extends string, C extends Command, D extends Adds<C, S>, B>(
    name: Fresh<N, Names>,
    command: C & Sure<C>,
    how: Try<C, Key, S, D, B>,
  ): Committed<Key, After<S, D>, M, Names | N>
  // Written out, as the compiler would print an alias's name.
  step: Sorry<'after the pivot or a retriable step, only retriable steps may follow'>
  pivot: this['step']
}

interface Pivoted<Key extends string, S, M, Names, Before> extends Committed<Key, S, M, Names> {
  /** No reply in time: settles it, then aborts. Without this, the command is retried until there is a reply, then the saga is STUCK. */
  ifUnknown<C extends Command, B>(
    command: C & Sure<C>,
    ask: CommandOptions<C, Key, Aborting<Before>, B>,
  ): Committed<Key, S, M, Names>
}

/** `S`: what a step sees. `M`: what an abort sees, where replies may be missing. `Names`: the steps so far. */
export interface Open<Key extends string, S, M, Names> extends Omit<Committed<Key, S, M, Names>, 'step' | 'pivot'> {
  /** Can be undone: define how, next. */
  step<const N extends string, C extends Command, D extends Adds<C, S>, B>(
    name: Fresh<N, Names>,
    command: C,
    how: Try<C, Key, S, D, B>,
  ): Undoable<Key, After<S, D>, M & Maybe<D[keyof D]>, Names | N, S & Maybe<D[keyof D]>, keyof Refused<C>>
  /** The point of no return: once it is done, the saga is completed, whatever it takes. */
  pivot<const N extends string, C extends Command, D extends Adds<C, S>, B>(
    name: Fresh<N, Names>,
    command: C,
    how: Try<C, Key, S, D, B>,
  ): Pivoted<Key, After<S, D>, M & Maybe<D[keyof D]>, Names | N, S & Maybe<D[keyof D]>>
}

interface Undoable<Key extends string, S, M, Names, Then, RefusalTypes> {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- B is inferred from what `send` gives
  undo<C extends Command, B>(
    command: C & Sure<C>,
    ask: CommandOptions<C, Key, Aborting<Then>, B> & {
      /** The service undoes it on its own after these refusals; the command is sent only when that is late. */
      onItsOwnAfter?: readonly RefusalTypes[]
      /** Undo it after a refusal as well, as the refusal may be another's: in its turn, or after the abort. Default: a refused step has changed nothing. */
      evenIfRefused?: boolean | 'after the abort'
    },
  ): Open<Key, S, M, Names>
  nothingToUndo(): Open<Key, S, M, Names>
  step: Sorry<'define first how the last step is undone: .undo(command, { send }) or .nothingToUndo()'>
  pivot: this['step']
  retriable: this['step']
  onAbort: this['step']
  build: this['step']
}

export interface About<E extends Event> {
  /** Whole, from 1; a changed definition gets the next one. */
  version: number
  startsWith: E
  /**
   * An event that may come without a saga, from elsewhere: it begins one at the step named. Its own fields are all that
   * the saga knows then, so that step and those after it must need no others; else the command fails its schema.
   */
  joins?: { with: Event; at: string }
  /** From the first commit to the end. Before the point of no return it aborts the saga, after it the saga is STUCK. */
  deadline: Duration
  history?: History
}

/** The status that is kept for the saga's beginning, its end, and the sending of the abort's command. */
export interface History {
  started?: string
  completed?: string
  aborting?: string
  /** Default: the saga's name in the plural and `-history`. */
  table?: string
}
