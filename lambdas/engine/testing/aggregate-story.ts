/** `given(shipment, state).when(c.ShipmentPackCommand, {}).thenPublishes(c.ShipmentPackedEvent, { parcelId })` */
import type { Aggregate } from '../model/aggregate.ts'
import type { MessageType } from '../model/messages.ts'
import type { Alongside, Item } from '../model/ports.ts'
import type { Duration } from '../saga/definition.ts'
import type { BatchDecision } from '../delivery/batch-decision.ts'
import { expectationsOf, expectFate, expectSame, lastStep } from './expectations.ts'
import { type BodyOf, message as messageOf, type TestMessage } from './messages.ts'
import { batchTo, type Delivery, deliver, messageTo, type Scene, STARTS_AT } from './scene.ts'

export interface AggregateSettings {
  /** The saga that its messages belong to. Default: `s1`. */
  readonly sagaId?: string
  /** The version of the state that is given. Default: 1. */
  readonly version?: number
  /** Milliseconds since 1970. Default: the first of January 2026, UTC. */
  readonly now?: number
  /** The other items that its decisions look at, by table: whole items, key included. What commits change in them is kept. */
  readonly items?: { readonly [table: string]: readonly Item[] }
  /** Event sourcing: the events of its stream so far. */
  readonly stream?: readonly Item[]
}

/** What can happen next. Each step leaves the story before it as it is, so two may begin alike. */
export interface AggregateStory<State extends object> {
  /** A message comes; its body is checked by the compiler and by its contract. */
  when<M extends MessageType>(message: M, body: BodyOf<M>, delivery?: Delivery): AggregateOutcome<State>
  /** Several in one batch: one commit. */
  whenTogether(...messages: readonly TestMessage[]): AggregateOutcome<State>
  /** Time passes. */
  after(duration: Duration): AggregateStory<State>
}

/** What came of the last step. Every expectation is exact, and gives the outcome back. */
export interface AggregateOutcome<State extends object> extends AggregateStory<State> {
  /** The last delivery comes once more, as after a crash. */
  again(): AggregateOutcome<State>
  /** The outside call that was asked for is answered. */
  answered(answer: unknown): AggregateOutcome<State>
  /** This message and no other. Without a body: whatever it holds. */
  thenPublishes<M extends MessageType>(
    message: M,
    body?: BodyOf<M>,
    options?: { readonly id?: string },
  ): AggregateOutcome<State>
  /** These messages in this order, and no others: `thenPublishesAll(message(c.X, {…}), message(c.Y, {…}))`. */
  thenPublishesAll(...messages: readonly TestMessage[]): AggregateOutcome<State>
  thenPublishesNothing(): AggregateOutcome<State>
  /** The outside call of this name. Without a request: whatever it asks. */
  thenCalls(name: string, request?: unknown): AggregateOutcome<State>
  /** These fields of the state that is kept now. */
  thenState(fields: Partial<State>): AggregateOutcome<State>
  /** What is changed with the commit or not at all: exactly these. */
  thenChangesAlongside(...changes: readonly Alongside[]): AggregateOutcome<State>
  /** It goes to the dead letters. */
  thenRefuses(why?: string): AggregateOutcome<State>
  /** It is acknowledged and changes nothing. */
  thenIgnores(why?: string): AggregateOutcome<State>
  /** Nothing is committed, published, called or refused. */
  thenNothingHappened(): AggregateOutcome<State>
  /** For what has no expectation of its own. */
  readonly state: State | undefined
  readonly decision: BatchDecision<State>
}

export function givenAggregate<State extends object>(
  aggregate: Aggregate<State>,
  state: State | undefined,
  { sagaId = 's1', version = 1, now = STARTS_AT, items = {}, stream = [] }: AggregateSettings,
): AggregateStory<State> {
  const stored = state && { state, version, handled: [], sent: [], rows: [], committedAt: now, item: {} }
  return storyOf({ aggregate, sagaId, stored, now, items, stream, steps: [] })
}

const storyOf = <State extends object>(scene: Scene<State>): AggregateStory<State> => ({
  when: (message, body, delivery = {}) =>
    outcomeOf(deliver(scene, [messageTo(scene, messageOf(message, body, delivery), delivery)], { what: message.type })),
  whenTogether(...messages) {
    const { delivered, what } = batchTo(scene, messages)
    return outcomeOf(deliver(scene, delivered, { what }))
  },
  after: ({ seconds }) => storyOf({ ...scene, now: scene.now + seconds * 1000 }),
})

function outcomeOf<State extends object>(scene: Scene<State>): AggregateOutcome<State> {
  const { what, delivered, decision } = lastStep(scene)
  const { call } = decision
  const { only, all, none, ...shared } = expectationsOf(scene, () => outcome)
  const outcome: AggregateOutcome<State> = {
    ...storyOf(scene),
    ...shared,
    state: scene.stored?.state,
    decision,
    again: () => outcomeOf(deliver(scene, delivered, { what: `${what} again` })),
    answered(value) {
      expectSame(scene, 'there is no call to answer:', call ? 1 : 0, 1, outcome.answered)
      const answer = { value, call: call?.call.name ?? '' }
      return outcomeOf(deliver(scene, call ? [call.message] : [], { what: 'the answer', answer }))
    },
    thenPublishes: only,
    thenPublishesAll: all,
    thenPublishesNothing: none,
    thenCalls(name, request) {
      const actual = call && { name: call.call.name, ...(request !== undefined && { request: call.call.request }) }
      const wanted = { name, ...(request !== undefined && { request }) }
      expectSame(scene, `it should call ${name}:`, actual, wanted, outcome.thenCalls)
      return outcome
    },
    thenChangesAlongside(...changes) {
      const actual = decision.commit?.alongside ?? []
      expectSame(scene, 'other items should change otherwise:', actual, changes, outcome.thenChangesAlongside)
      return outcome
    },
    thenRefuses(why) {
      expectFate(scene, 'refused', why, outcome.thenRefuses)
      return outcome
    },
  }
  return outcome
}
