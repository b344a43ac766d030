/**
 * Choreography: no orchestrator, each service reacts to what others say. Its reactions are data, so topics, event
 * sources, grants and diagrams derive from them as they do from a saga. Pure.
 */
import type { Aggregate, Decision, Heard, Seen } from './aggregate.ts'
import type { Body, Event, Message, Reaction } from './messaging/contract.ts'

/** What a service does about one message. */
export interface ReactionTo<State, On extends Message, Says extends Message> {
  /** What it may say; a decision that says anything else is a bug. */
  readonly publishes?: readonly Says[]
  /** Pure: a message that comes again is decided on again. */
  decide(state: State | undefined, heard: Heard<Body<On>>, seen: Seen): Decision<State>
}

/** One service's part. `Says` and `Hears` are for the compiler alone. */
export interface Reactions<State extends object, Says extends string, Hears extends string> {
  readonly list: readonly Reaction[]
  /** The service's consumer. */
  readonly aggregate: Aggregate<State>
  on<On extends Message, Out extends Message = never>(
    message: On,
    reaction: ReactionTo<State, On, Out>,
  ): Reactions<State, Says | Out['type'], Hears | On['type']>
  readonly says?: Says
  readonly hears?: Hears
}

type Base<State extends object> = Omit<Aggregate<State>, 'hears' | 'says' | 'decide'> & {
  /** What it says without having heard anything: over HTTP. */
  readonly says?: readonly Message[]
}

/** A service's reactions; `by` is its name in the catalog. Each message is reacted to once. */
export const reactions = <State extends object>(by: string, base: Base<State>): Reactions<State, never, never> =>
  partOf(by, base, new Map())

type AnyReaction<State> = Omit<ReactionTo<State, Message, Message>, 'decide'> & {
  decide(state: State | undefined, heard: Heard<never>, seen: Seen): Decision<State>
}

function partOf<State extends object, Says extends string, Hears extends string>(
  by: string,
  base: Base<State>,
  known: ReadonlyMap<Message, AnyReaction<State>>,
): Reactions<State, Says, Hears> {
  const list = [...known].map(([on, { publishes = [] }]): Reaction => ({ by, on, publishes }))
  const byType = new Map([...known].map(([on, reaction]) => [on.type, reaction]))
  return {
    list,
    aggregate: {
      ...base,
      hears: list.map(({ on }) => on),
      says: [...new Set([...(base.says ?? []), ...list.flatMap(({ publishes }) => publishes)])],
      decide(state, heard, seen) {
        const reaction = byType.get(heard.type)
        if (!reaction) throw new Error(`${by} does not react to ${heard.type}`)
        const decision = reaction.decide(state, heard as Heard<never>, seen)
        const said = decision.kind === 'commit' || decision.kind === 'answer' ? (decision.send ?? []) : []
        for (const { message } of said)
          if (!reaction.publishes?.some(({ type }) => type === message.type))
            throw new Error(`${by} said ${message.type} on ${heard.type}, and does not list it in \`publishes\``)
        return decision
      },
    },
    on(message, reaction) {
      if (byType.has(message.type)) throw new Error(`${by} reacts to ${message.type} twice: make it one reaction`)
      return partOf(by, base, new Map([...known, [message, reaction as AnyReaction<State>]]))
    },
  }
}

/** What a diagram and the documents read. */
export interface Choreography {
  readonly name: string
  readonly startsWith: Event
  /** What is said for others, or for nobody: no one of ours has to hear it. */
  readonly endsWith: readonly Message[]
  readonly reactions: readonly Reaction[]
}

interface Part {
  readonly list: readonly Reaction[]
  readonly says?: string
  readonly hears?: string
}
type Unheard<Parts extends readonly Part[], End extends Message> = Exclude<
  NonNullable<Parts[number]['says']>,
  NonNullable<Parts[number]['hears']> | End['type']
>

/** The parts together. What is said and never heard does not compile, unless it is an end. */
export const choreography = <End extends Message, const Parts extends readonly Part[]>(
  name: string,
  { startsWith, endsWith }: { readonly startsWith: Event; readonly endsWith: readonly End[] },
  ...parts: [Unheard<Parts, End>] extends [never]
    ? Parts
    : [`${Unheard<Parts, End>} is said, but nobody hears it: let a service react to it, or list it in endsWith`]
): Choreography => ({
  name,
  startsWith,
  endsWith,
  reactions: (parts as unknown as Parts).flatMap(part => part.list),
})
