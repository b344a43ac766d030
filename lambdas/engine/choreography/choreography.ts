/**
 * Choreography: no orchestrator, each service reacts to what others say. Its reactions are data, so topics, event
 * sources, grants and diagrams derive from them as they do from a saga. Pure.
 */
import type { Aggregate, Decision, Message, DecisionContext } from '../model/aggregate.ts'
import type { Body, Event, MessageType, Reaction } from '../model/messages.ts'

/** What a service does about one message. */
export interface ReactionTo<State, On extends MessageType, Publishes extends MessageType> {
  /** What it may say; a decision that says anything else is a bug. */
  readonly publishes?: readonly Publishes[]
  /** Pure: a message that comes again is decided on again. */
  decide(state: State | undefined, message: Message<Body<On>>, context: DecisionContext): Decision<State>
}

/** One service's part. `Says` and `Hears` are for the compiler alone. */
export interface Reactions<State extends object, Publishes extends string, Handles extends string> {
  readonly list: readonly Reaction[]
  /** The service's consumer. */
  readonly aggregate: Aggregate<State>
  on<On extends MessageType, Out extends MessageType = never>(
    messageType: On,
    reaction: ReactionTo<State, On, Out>,
  ): Reactions<State, Publishes | Out['type'], Handles | On['type']>
  readonly publishes?: Publishes
  readonly handles?: Handles
}

type Base<State extends object> = Omit<Aggregate<State>, 'handles' | 'publishes' | 'decide'> & {
  /** What it says without having heard anything: over HTTP. */
  readonly publishes?: readonly MessageType[]
}

/** A service's reactions; `by` is its name in the catalog. Each message is reacted to once. */
export const reactions = <State extends object>(by: string, base: Base<State>): Reactions<State, never, never> =>
  partOf(by, base, new Map())

type AnyReaction<State> = Omit<ReactionTo<State, MessageType, MessageType>, 'decide'> & {
  decide(state: State | undefined, message: Message<never>, context: DecisionContext): Decision<State>
}

function partOf<State extends object, Publishes extends string, Handles extends string>(
  by: string,
  base: Base<State>,
  known: ReadonlyMap<MessageType, AnyReaction<State>>,
): Reactions<State, Publishes, Handles> {
  const list = [...known].map(([on, { publishes = [] }]): Reaction => ({ by, on, publishes }))
  const byType = new Map([...known].map(([on, reaction]) => [on.type, reaction]))
  return {
    list,
    aggregate: {
      ...base,
      handles: list.map(({ on }) => on),
      publishes: [...new Set([...(base.publishes ?? []), ...list.flatMap(({ publishes }) => publishes)])],
      decide(state, message, context) {
        const reaction = byType.get(message.type)
        if (!reaction) throw new Error(`${by} does not react to ${message.type}`)
        const decision = reaction.decide(state, message as Message<never>, context)
        const outgoing = decision.kind === 'commit' || decision.kind === 'answer' ? (decision.publish ?? []) : []
        for (const { message: messageType } of outgoing)
          if (!reaction.publishes?.some(({ type }) => type === messageType.type))
            throw new Error(`${by} said ${messageType.type} on ${message.type}, and does not list it in \`publishes\``)
        return decision
      },
    },
    on(messageType, reaction) {
      if (byType.has(messageType.type))
        throw new Error(`${by} reacts to ${messageType.type} twice: make it one reaction`)
      return partOf(by, base, new Map([...known, [messageType, reaction as AnyReaction<State>]]))
    },
  }
}

/** What a diagram and the documents read. */
export interface Choreography {
  readonly name: string
  readonly startsWith: Event
  /** What is said for others, or for nobody: no one of ours has to hear it. */
  readonly endsWith: readonly MessageType[]
  readonly reactions: readonly Reaction[]
}

interface Part {
  readonly list: readonly Reaction[]
  readonly publishes?: string
  readonly handles?: string
}
type Unhandled<Parts extends readonly Part[], End extends MessageType> = Exclude<
  NonNullable<Parts[number]['publishes']>,
  NonNullable<Parts[number]['handles']> | End['type']
>

/** The parts together. What is said and never heard does not compile, unless it is an end. */
export const choreography = <End extends MessageType, const Parts extends readonly Part[]>(
  name: string,
  { startsWith, endsWith }: { readonly startsWith: Event; readonly endsWith: readonly End[] },
  ...parts: [Unhandled<Parts, End>] extends [never]
    ? Parts
    : [
        `${Unhandled<Parts, End>} is published, but nobody handles it: let a service react to it, or list it in endsWith`,
      ]
): Choreography => ({
  name,
  startsWith,
  endsWith,
  reactions: (parts as unknown as Parts).flatMap(part => part.list),
})
