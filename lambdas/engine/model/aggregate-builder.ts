/**
 * How a service's rules are written: an aggregate is a list of messages that it handles, each with what it may publish.
 * The compiler holds a decision to that list, and a body to its contract. `build` gives the `Aggregate` that the engine
 * runs, in whichever wiring. Pure.
 */
import type {
  Aggregate,
  Call,
  Decision,
  DecisionContext,
  Message,
  OutgoingMessage,
  Published as PublishedBefore,
} from './aggregate.ts'
import type { Body, Command, Event, MessageType, PublishedBody } from './messages.ts'
import type { Ref } from './ports.ts'

/** A message to publish, with a body that its contract knows. The aggregate's own id is filled in where it is left out. */
export const publish = <Type extends string, Id extends string, Data>(
  message: MessageType<Type, Id, Data>,
  body: PublishedBody<MessageType<Type, Id, Data>>,
): OutgoingMessage<Type> => ({ message, body })

/** The outside calls of an aggregate, by name. Each takes a request and promises an outcome. */
type CallsOf<Calls> = { readonly [Name in keyof Calls]: (request: never) => Promise<unknown> }
type RequestOf<F> = F extends (request: infer Request) => unknown ? Request : never
type OutcomeOf<F> = F extends (request: never) => Promise<infer Outcome> ? Outcome : never
type CallOf<Calls, Name extends keyof Calls> = {
  [N in Name & string]: Call<RequestOf<Calls[N]>, N>
}[Name & string]

/** What an aggregate does about one message. */
export interface Handler<State, In extends MessageType, Out extends MessageType, Calls, Answered extends keyof Calls> {
  /** All that a decision on it may publish; of a command its replies are among them. */
  readonly publishes: readonly Out[]
  /** The other items that deciding on it looks at: read in one batch with the state. */
  reads?(message: Message<Body<In>>): readonly Ref[]
  /** Pure: no clock, no randomness, no I/O. May ask for the calls that `answered` has an answer to. */
  decide(
    state: State | undefined,
    message: Message<Body<In>>,
    context: DecisionContext,
  ): Decision<State, Out['type'], CallOf<Calls, NoInfer<Answered>>>
  /** What follows from the outcome of a call, by the call's name. */
  readonly answered?: {
    readonly [Name in Answered]: (
      state: State,
      outcome: OutcomeOf<Calls[Name]>,
      message: Message<Body<In>>,
      context: DecisionContext,
    ) => Decision<State, Out['type'], CallOf<Calls, NoInfer<Answered>>>
  }
}

/** The replies of a command that it could never give: a participant never ignores its saga's command (rule 2). */
type MissingReply<In, Out extends MessageType> =
  In extends Command<string, string, unknown, infer Done extends Event, infer Refused extends Event>
    ? Exclude<(Done | Refused)['type'], Out['type']>
    : never

type Checked<In extends MessageType, Out extends MessageType, Handled extends string> = In['type'] extends Handled
  ? `${In['type']} is handled already: make it one handler`
  : [MissingReply<In, Out>] extends [never]
    ? In
    : `${In['type']} is owed the reply ${MissingReply<In, Out>}: list it in publishes`

export interface AggregateBuilder<State extends object, Handled extends string, Published extends string, Calls> {
  handles<
    const In extends MessageType,
    const Out extends MessageType = never,
    const Answered extends keyof Calls = never,
  >(
    message: Checked<In, Out, Handled>,
    handler: Handler<State, In, Out, Calls, Answered>,
  ): AggregateBuilder<State, Handled | In['type'], Published | Out['type'], Calls>
  /**
   * How a message that the last commit published follows from the state: what an operator may publish again under its id
   * where a bug published another. Undefined: it stays as it was published.
   */
  republishes<const Out extends MessageType>(
    message: Out,
    derive: (state: State, published: PublishedBefore<Body<Out>>) => OutgoingMessage | undefined,
  ): AggregateBuilder<State, Handled, Published, Calls>
  build(): BuiltAggregate<State, Handled, Published>
}

/** An aggregate with its reactions as data: what a choreography and its diagram are made of. */
export interface BuiltAggregate<
  State extends object = object,
  Handled extends string = string,
  Published extends string = string,
> extends Aggregate<State> {
  readonly reactions: readonly { readonly on: MessageType; readonly publishes: readonly MessageType[] }[]
  /** For the compiler alone. */
  readonly handledTypes?: Handled
  readonly publishedTypes?: Published
}

/** What an aggregate is beside what it handles. */
export type AggregateSettings<State extends object> = Pick<
  Aggregate<State>,
  'table' | 'key' | 'itemKey' | 'sagaIdOf' | 'measures' | 'indexed'
> & {
  /** What it publishes without having handled anything: over HTTP. */
  readonly publishes?: readonly MessageType[]
}

/**
 * `aggregate<Reservation>('reservation', { table }).handles(…).handles(…).build()`. The type is unique in the system: the
 * ids of what it publishes begin with it. With outside calls: `aggregate<Payment>('payment', { table }).calling<Provider>()`.
 */
export const aggregate = <State extends object>(
  type: string,
  settings: AggregateSettings<State>,
): AggregateBuilder<State, never, never, object> & {
  /** The calls that it may make. */
  calling<Calls extends CallsOf<Calls>>(): AggregateBuilder<State, never, never, Calls>
} => {
  const builder = builderOf<State>(type, settings, { handlers: new Map(), derived: new Map() })
  return { ...builder, calling: () => builder } as ReturnType<typeof aggregate<State>>
}

/** A handler when its message's type is forgotten. */
interface AnyHandler<State> {
  readonly on: MessageType
  readonly publishes: readonly MessageType[]
  reads?(message: Message<never>): readonly Ref[]
  decide(state: State | undefined, message: Message<never>, context: DecisionContext): Decision<State>
  readonly answered?: Readonly<
    Record<string, (state: State, outcome: never, message: Message<never>, context: DecisionContext) => Decision<State>>
  >
}

interface Rules<State> {
  readonly handlers: ReadonlyMap<string, AnyHandler<State>>
  /** By the type of what was published. */
  readonly derived: ReadonlyMap<
    string,
    (state: State, published: PublishedBefore<never>) => OutgoingMessage | undefined
  >
}

function builderOf<State extends object>(
  type: string,
  settings: AggregateSettings<State>,
  rules: Rules<State>,
): AggregateBuilder<State, string, string, object> {
  const { handlers, derived } = rules
  return {
    handles(message, handler) {
      const on = message as unknown as MessageType
      if (handlers.has(on.type)) throw new Error(`${type} handles ${on.type} twice: make it one handler`)
      const known = { ...(handler as unknown as AnyHandler<State>), on }
      return builderOf(type, settings, { ...rules, handlers: new Map([...handlers, [on.type, known]]) })
    },
    republishes(message, derive) {
      const { type: published } = message
      if (derived.has(published)) throw new Error(`${type} republishes ${published} twice: make it one function`)
      return builderOf(type, settings, { ...rules, derived: new Map([...derived, [published, derive]]) })
    },
    build: () => built(type, settings, rules),
  }
}

function built<State extends object>(
  type: string,
  { publishes: overHttp = [], ...settings }: AggregateSettings<State>,
  { handlers, derived }: Rules<State>,
): BuiltAggregate<State> {
  const all = [...handlers.values()]
  const reads = all.some(handler => handler.reads)
  const answers = all.some(handler => handler.answered)
  const publishes = [...new Set([...overHttp, ...all.flatMap(handler => handler.publishes)])]
  for (const published of derived.keys())
    if (!publishes.some(known => known.type === published))
      throw new Error(`${type} republishes ${published}, and does not list it in \`publishes\` of a message`)
  return {
    type,
    ...settings,
    handles: all.map(({ on }) => on),
    publishes,
    reactions: all.map(handler => ({ on: handler.on, publishes: handler.publishes })),
    ...(derived.size > 0 && {
      republish: (state, published) => derived.get(published.type)?.(state, published as PublishedBefore<never>),
    }),
    ...(reads && { reads: message => handlers.get(message.type)?.reads?.(message as Message<never>) ?? [] }),
    decide(state, message, context) {
      const handler = handlerOf(message)
      return listed(handler, handler.decide(state, message as Message<never>, context))
    },
    ...(answers && {
      answered(state, message, outcome, context, call) {
        const handler = handlerOf(message)
        const answer = handler.answered?.[call]
        if (!answer) throw new Error(`${type} does not say what follows from the call ${call} on ${message.type}`)
        return listed(handler, answer(state, outcome as never, message as Message<never>, context))
      },
    }),
  }

  function handlerOf(message: Message): AnyHandler<State> {
    const handler = handlers.get(message.type)
    if (!handler) throw new Error(`${type} does not handle ${message.type}`)
    return handler
  }

  /** What the compiler has not seen, as it was cast, is a bug all the same. */
  function listed({ on, publishes }: AnyHandler<State>, decision: Decision<State>): Decision<State> {
    const outgoing = decision.kind === 'commit' || decision.kind === 'answer' ? (decision.publish ?? []) : []
    for (const { message } of outgoing)
      if (!publishes.some(allowed => allowed.type === message.type))
        throw new Error(`${type} publishes ${message.type} on ${on.type}, and does not list it in \`publishes\``)
    return decision
  }
}
