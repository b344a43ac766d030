/**
 * The orchestrator that an event store drives: its change feed is only a trigger, the stream itself holds what happened. The state
 * keeps the last sequence number that it handled, so an event that is delivered twice, late, out of order or not at all changes
 * nothing, and none is skipped. Each event that is handled goes out on the events' topic with the commit that handled it.
 */
import {
  type Aggregate,
  type Decision,
  type Message,
  PASSED_ON,
  type OutgoingMessage,
  type DecisionContext,
} from '../model/aggregate.ts'
import type { Command, Event } from '../model/messages.ts'
import type { EventStore } from './event-sourced-aggregate.ts'
import type { Item } from '../model/ports.ts'
import { giveUp } from '../saga/give-up.ts'
import { orchestrator } from '../saga/orchestrator.ts'
import type { SagaDefinition } from '../saga/builder.ts'
import type { SagaState } from '../saga/state.ts'

/** A saga, and how far its stream is handled. Without a saga's fields: none of its events has begun one yet. */
export type StreamDriven = Partial<SagaState> & { readonly sequenceNumber: number }

export interface StreamDrivenSettings {
  readonly store: EventStore
  /** All that a stream holds. */
  readonly events: readonly Event[]
  messageOf(event: Item): Message
}

/** Like `orchestrator`, with replies from the stream. A saga whose abort is already a fact compensates at once. */
export function streamOrchestrator(
  { store, events, messageOf }: StreamDrivenSettings,
  ...definitions: readonly [SagaDefinition, ...SagaDefinition[]]
): Aggregate<StreamDriven> {
  const inner = orchestrator(...definitions)
  const definitionOf = (state: SagaState) =>
    definitions.find(({ version }) => version === state.definition) ?? definitions[0]

  const { type, table, itemKey, notices } = inner
  return {
    type,
    table,
    ...(itemKey && { itemKey }),
    ...(notices && { notices }),
    handles: inner.handles.filter(({ about }) => about === 'saga'),
    publishes: [...inner.publishes, ...events],
    stream: {
      table: store.table,
      of: message => message.sagaId,
      drives: { handled: state => state?.sequenceNumber ?? 0, asMessage: messageOf },
    },
    measures: (before, after) =>
      isBegun(after) ? (inner.measures?.(isBegun(before) ? before : undefined, after) ?? []) : [],
    indexed: (state, id) => (isBegun(state) ? (inner.indexed?.(state, id) ?? {}) : {}),
    decide(state, message, context) {
      const saga = isBegun(state) ? state : undefined
      const done = state?.sequenceNumber ?? 0
      if (message.control) return withNumber(inner.decide(saga, message, context), done)
      const number = context.stream.findIndex(event => messageOf(event).id === message.id) + 1
      if (number > 0 && number <= done) return { kind: 'ignore', why: `event ${number} was handled before` }
      if (number !== done + 1)
        throw new Error(`event ${number} of ${message.sagaId} is not the one after ${done}: the stream has a gap`)
      const isOut = context.stream[number - 1]?.['takenIn'] === true
      return passOn(handle(saga, message, context, number), { state, message, number, isOut })
    },
  }

  function handle(
    saga: SagaState | undefined,
    message: Message,
    context: DecisionContext,
    number: number,
  ): Decision<SagaState> {
    let decision =
      saga && isAbortFact(saga, message) ? abort(saga, message, context) : inner.decide(saga, message, context)
    // What takes back and is a fact already is not commanded: its reply will not come a second time.
    const facts = context.stream.slice(0, number).map(messageOf)
    for (let pending = compensation(decision); pending; pending = compensation(decision)) {
      const { done } = pending.message as Command
      const fact = facts.find(fact => done.some(({ type }) => type === fact.type))
      if (!fact || decision.kind !== 'commit') break
      const { publish: send = [], rows = [] } = decision
      const next = inner.decide(decision.state, fact, context)
      if (next.kind !== 'commit') break
      decision = {
        ...next,
        publish: [...send.filter(outgoing => outgoing !== pending), ...(next.publish ?? [])],
        rows: [...rows, ...(next.rows ?? [])],
      }
    }
    return decision
  }

  /** Somebody else has decided that the saga is aborted, before its point of no return. */
  function isAbortFact(saga: SagaState, { type }: Message): boolean {
    const { abort, steps } = definitionOf(saga)
    const step = steps.find(({ name }) => name === saga.step)
    const isFact = abort?.command.done.some(reply => reply.type === type) ?? false
    return isFact && saga.status === 'RUNNING' && saga.doing === 'do' && step?.kind === 'step'
  }

  function abort(saga: SagaState, message: Message, context: DecisionContext): Decision<SagaState> {
    const { reason } = message.body
    return giveUp(
      { definition: definitionOf(saga), message, context },
      saga,
      typeof reason === 'string' ? reason : 'ABORTED',
    )
  }

  /** The command of a commit that takes something back. */
  function compensation(decision: Decision<SagaState>): OutgoingMessage | undefined {
    if (decision.kind !== 'commit' || decision.state.doing === 'do') return undefined
    return decision.publish?.find(({ message: messageType }) => messageType.kind === 'command')
  }

  /** Whatever the saga makes of it, the event is handled, and goes out, unless it came from there. */
  function passOn(
    decision: Decision<SagaState>,
    {
      state,
      message,
      number,
      isOut,
    }: { state: StreamDriven | undefined; message: Message; number: number; isOut: boolean },
  ): Decision<StreamDriven> {
    const messageType = events.find(({ type }) => type === message.type)
    const out: OutgoingMessage[] =
      messageType && !isOut ? [{ message: messageType, body: message.body, as: PASSED_ON }] : []
    // Last, as the saga counts its own messages from the first.
    if (decision.kind !== 'commit') {
      const unexpected = decision.kind === 'ignore' && decision.unexpected
      return {
        kind: 'commit',
        state: { ...state, sequenceNumber: number },
        publish: out,
        ...(unexpected && { unexpected }),
      }
    }
    return withNumber({ ...decision, publish: [...(decision.publish ?? []), ...out] }, number)
  }
}

const isBegun = (state: StreamDriven | undefined): state is StreamDriven & SagaState => state?.status !== undefined

const withNumber = (decision: Decision<SagaState>, sequenceNumber: number): Decision<StreamDriven> =>
  decision.kind === 'commit' ? { ...decision, state: { ...decision.state, sequenceNumber } } : decision
