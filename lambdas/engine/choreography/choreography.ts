/**
 * Choreography: no orchestrator, each service reacts to what others publish. Its reactions are data, so topics, event
 * sources, grants and diagrams derive from them as they do from a saga. Pure.
 */
import type { BuiltAggregate } from '../model/aggregate-builder.ts'
import type { Event, MessageType, Reaction } from '../model/messages.ts'

/** What a diagram and the documents read. */
export interface Choreography {
  readonly name: string
  readonly startsWith: Event
  /** What is said for others, or for nobody: no one of ours has to hear it. */
  readonly endsWith: readonly MessageType[]
  readonly reactions: readonly Reaction[]
}

type Part = Pick<BuiltAggregate, 'reactions' | 'handledTypes' | 'publishedTypes'>
type Parts = { readonly [service: string]: Part }
type Unhandled<P extends Parts, End extends MessageType> = Exclude<
  NonNullable<P[keyof P]['publishedTypes']>,
  NonNullable<P[keyof P]['handledTypes']> | End['type']
>

/** The services' aggregates together, each by its service's name. What is published and never handled does not compile, unless it is an end. */
export const choreography = <End extends MessageType, const P extends Parts>(
  name: string,
  { startsWith, endsWith }: { readonly startsWith: Event; readonly endsWith: readonly End[] },
  parts: [Unhandled<P, End>] extends [never]
    ? P
    : `${Unhandled<P, End>} is published, but nobody handles it: let a service react to it, or list it in endsWith`,
): Choreography => ({
  name,
  startsWith,
  endsWith,
  reactions: Object.entries(parts as P).flatMap(([by, { reactions }]) => reactions.map(on => ({ by, ...on }))),
})
