/**
 * What is said. A contract names a message, the aggregate that it is about and the shape of its data; where it is said
 * (the topic) is the wiring's business. Pure: imports nothing.
 */

/** Any zod schema: `parse` throws what is wrong with the input. */
export interface Schema<Data> {
  parse(input: unknown): Data
}

export interface MessageType<Type extends string = string, Id extends string = string, Data = unknown> {
  readonly kind: 'command' | 'event'
  readonly type: Type
  /** The aggregate that it is about: `product`. With `kind` it decides the topic. */
  readonly about: string
  /** The field of the body that holds that aggregate's id: `orderId`. */
  readonly idField: Id
  /** The field that holds the saga's id, at the top level or in `data`; the same as `idField` unless the contract says so. */
  readonly sagaField: string
  readonly schema: Schema<Data>
  /** What it says, in a sentence or two, for who reads the documents (`npm run docs`, which asks for it). */
  readonly description?: string
}

export interface Event<Type extends string = string, Id extends string = string, Data = unknown>
  extends MessageType<Type, Id, Data> {
  readonly kind: 'event'
  /** Whether one that has come is a reply; left out: it always is. A claim by somebody else is none, and no saga acts on it. */
  readonly isReply?: (body: Readonly<Record<string, unknown>>) => boolean
}

export interface Command<
  Type extends string = string,
  Id extends string = string,
  Data = unknown,
  Done extends Event = Event,
  Refused extends Event = Event,
> extends MessageType<Type, Id, Data> {
  readonly kind: 'command'
  /** The replies that say that the work is done. */
  readonly done: readonly Done[]
  /** The replies that say that nothing was changed; empty for a command that is sure to be done in the end. */
  readonly refused: readonly Refused[]
}

/** The messages of one aggregate. `sagaField` where the saga's id is in another field than the aggregate's own. */
export const messagesOf = <const Id extends string>(about: string, idField: Id, sagaField: string = idField) => ({
  event: <const Type extends string, Data>(
    type: Type,
    schema: Schema<Data>,
    more: Pick<Event, 'isReply' | 'description'> = {},
  ): Event<Type, Id, Data> => ({
    kind: 'event',
    ...more,
    about,
    idField,
    sagaField,
    type,
    schema,
  }),
  command: <const Type extends string, Data, Done extends Event, Refused extends Event = never>(
    type: Type,
    schema: Schema<Data>,
    { refused = [], ...more }: { done: readonly Done[]; refused?: readonly Refused[]; description?: string },
  ): Command<Type, Id, Data, Done, Refused> => ({
    kind: 'command',
    ...more,
    about,
    idField,
    sagaField,
    type,
    schema,
    refused,
  }),
})

type Show<T> = { [K in keyof T]: T[K] } & {}

/** A message's body as rules see it: the aggregate's id beside the fields of `data`. */
export type Body<M> =
  M extends MessageType<string, infer Id, infer Data> ? Show<{ [K in Id]: string } & FieldsOf<Data>> : never
/** What a sender writes: the aggregate's id is the saga's own where it is left out. */
export type PublishedBody<M> =
  M extends MessageType<string, infer Id, infer Data> ? Show<{ [K in Id]?: string } & FieldsOf<Data>> : never
/** `z.object({})` is a record of nothing, which would forbid the id beside it. */
type FieldsOf<Data> = [Data] extends [Record<string, never>] ? unknown : Data

/** One thing that a service does: hears a message and says some of `publishes`. Sagas and choreographies both become a list of these. */
export interface Reaction {
  /** The consumer that reacts: `product`, `order-saga`. */
  readonly by: string
  readonly on: MessageType
  readonly publishes: readonly MessageType[]
}
