import type { MessageType } from './messages.ts'
import type { Alongside, Item, Measure, Ref, Row } from './ports.ts'

/** A message as a decision sees it: parsed, with its id and its saga. */
export interface Message<Body = Record<string, unknown>> {
  /** What a duplicate of it is known by (`identityOf`); of ours, and of what names no source, its own id. `senderIdOf` shows it. */
  readonly id: string
  readonly type: string
  readonly sagaId: string
  /** The aggregate's id beside the fields of `data`. */
  readonly body: Body
  /** The id of the message that caused it, if its sender says so. */
  readonly causationId?: string
  /** When it was sent, as its sender says, else when it came to its topic. Milliseconds since 1970. */
  readonly sentAt?: number
  /** A command of a saga of ours, which sends it again if no reply comes in time. */
  readonly isRetriedBySaga?: true
  /** A deadline or an operator's action: not part of the saga's conversation. */
  readonly control?: boolean
}

/** Something to say, made by `publish`: the shell gives it its id, its topic and its headers. `Type`: its wire name. */
export interface OutgoingMessage<out Type extends string = string> {
  readonly message: MessageType<Type>
  /** The aggregate's id and the fields of `data`; the saga's own id is filled in. */
  readonly body: Readonly<Record<string, unknown>>
  /** Said before under this id's version and number: a retry repeats the command with the same id (rule 3). `PASSED_ON`: it has the id of what caused it. */
  readonly as?: readonly [version: number, n: number]
}

/** For `as`: the message that was heard goes on to a topic under its own id. No commit has the version 0. */
export const PASSED_ON = [0, 0] as const

/** One outside effect, idempotent by its key; its answer comes back to `decide` as a message of type `answers`. */
export interface Call<Request = unknown, Name extends string = string> {
  readonly name: Name
  readonly request: Request
}

export interface DecisionContext {
  /** Milliseconds since 1970, UTC. */
  readonly now: number
  /** The other items that the decision asked for in `reads`, as they are now. */
  read(ref: Ref): Item | undefined
  /** The version of the state that is decided on; a commit that is being folded counts as made. 0: there is no state. */
  readonly version: number
  /** The version that a commit decided now will have, and the number of its first message: a saga keeps its command's. */
  readonly next: readonly [version: number, n: number]
  /** The events of the message's stream in order, with those that commits of this fold append. Empty without `stream`. */
  readonly stream: readonly Item[]
}

/** The message tells of an effect that its saga does not count on: somebody must look, whatever is decided. */
interface Alarming {
  readonly unexpected?: true
}

/**
 * `Type`: the wire names of what it may publish; any unless given. `Calls`: the calls that it may ask for; none where
 * the names are given, unless it says so.
 */
export type Decision<State, Type extends string = string, Calls extends Call = string extends Type ? Call : never> =
  /** New state and what it causes. */
  | ({
      readonly kind: 'commit'
      readonly state: State
      readonly publish?: readonly OutgoingMessage<Type>[]
      readonly rows?: readonly Row[]
      readonly alongside?: readonly Alongside[]
      /** One outside effect, made after the commit, which says and writes nothing then; the message counts as handled by the commit after the last call (rule 4). */
      readonly call?: Calls
      /** The commands of the commit before belong to a step that this one has left: they are not sent any more (rule 7). */
      readonly leavesStep?: boolean
    } & Alarming)
  /** The intention is committed already: make the call (again) under its key. */
  | { readonly kind: 'call'; readonly call: Calls }
  /** Nothing changes, but the sender is owed the answer that the state already holds (rule 2). */
  | { readonly kind: 'answer'; readonly publish: readonly OutgoingMessage<Type>[] }
  /** Stale or not for us: counted, logged, acknowledged. */
  | ({ readonly kind: 'ignore'; readonly why: string } & Alarming)
  /** It can never be handled: to the dead-letter topic. */
  | { readonly kind: 'refuse'; readonly why: string }

export interface TableIndex {
  readonly name: string
  readonly partition: string
  readonly sort?: { readonly name: string; readonly type: 'string' | 'number' }
}

/** A table as the catalog knows it. Indexes hold keys only. */
export interface Table {
  readonly name: string
  readonly partition: string
  readonly sort?: { readonly name: string; readonly type: 'string' | 'number' }
  readonly indexes?: readonly TableIndex[]
  /** The field that holds when an item may be forgotten (seconds since 1970). */
  readonly expires?: string
}

/**
 * Everything that consumes a topic is one of these. `decide` is pure: no clock, no randomness, no I/O.
 * Its stored item is the state's fields, its key, `version`, and what the last commit handled and caused.
 */
export interface Aggregate<State extends object = Record<string, unknown>> {
  /** Unique in the system: the first part of the ids of what it says. */
  readonly type: string
  /** Where its items are kept; the partition key is the saga's id unless `key` says otherwise. */
  readonly table: Table
  /** Which item handles a message. Default: the saga's id. */
  key?(message: Message): string
  /** The partition key of the item that `key` names, where it is not the key itself: `order:<id>` in the table of all sagas. */
  itemKey?(key: string): string
  /** What it handles, and what a message may be answered with. */
  readonly handles: readonly MessageType[]
  readonly publishes: readonly MessageType[]
  /** The saga that an item belongs to, where that is not its key. */
  sagaIdOf?(state: State, key: string): string
  /** Commands that are only notices: nobody answers them, so they are said before the step's own command. */
  readonly notices?: ReadonlySet<string>
  /** The other items that deciding on this message looks at: read in one batch with the state. */
  reads?(message: Message): readonly Ref[]
  decide(state: State | undefined, message: Message, context: DecisionContext): Decision<State>
  /** How outside calls are decided on: the answer to `call` (its name) for the message that asked for it. */
  answered?(state: State, message: Message, answer: unknown, context: DecisionContext, call: string): Decision<State>
  /** What a commit that leads from one state to another adds to the metrics. */
  measures?(before: State | undefined, after: State): readonly Measure[]
  /** Event sourcing: the stream that it appends to, by inserts alongside, or that drives it. */
  readonly stream?: StreamUse<State>
  /** What it says by appending it to the stream. */
  readonly appends?: readonly MessageType[]
  /**
   * What a message that the last commit published is, as the state has it now: for an operator, where a bug of the service
   * published another (`republish`). Undefined: it stays as it was published. Pure.
   */
  republish?(state: State, published: Published): OutgoingMessage | undefined
  /** Of an item that holds what another aggregate publishes: whose messages these are. Their ids are made of it. */
  sentBy?(state: State): { readonly type: string; readonly key: string } | undefined
  /** Top-level fields that are computed from the state for an index; undefined leaves the item out of that index. */
  indexed?(state: State, key: string): { readonly [field: string]: string | number | undefined }
}

/** Event sourcing: the stream of events that a decision looks at. Its items are in order by the table's sort key, from 1 without gaps. */
export interface StreamUse<State> {
  readonly table: Table
  /** Which stream a message belongs to; undefined: to none. */
  of(message: Message): string | undefined
  /** For an aggregate that the stream drives: the events after the last one that it handled are heard first. */
  readonly drives?: {
    /** The sequence number of the last event that the state has handled; 0: none. */
    handled(state: State | undefined): number
    asMessage(event: Item): Message
  }
}

/** A message that an aggregate has published: the state that it is compared with is that of `key`. */
export interface Published<Data = Readonly<Record<string, unknown>>> {
  readonly type: string
  readonly body: Data
  readonly key: string
}

/** An aggregate whose state nobody looks into. */
export type AnyAggregate = Aggregate<object>
