/**
 * The orchestrator that an event store drives: its feed is a doorbell, the stream itself says what happened. The state
 * keeps the last sequence number that it handled, so an event that rings twice, late, out of order or not at all changes
 * nothing, and none is skipped. Each event that is handled goes out on the events' topic with the commit that handled it.
 */
import { type Aggregate, type Decision, type Heard, PASSED_ON, type Said, type Seen } from '../aggregate.ts'
import type { Command, Event } from '../messaging/contract.ts'
import type { EventStore } from '../messaging/event-sourced.ts'
import type { Item } from '../ports.ts'
import { gaveUp, orchestrator } from './decide.ts'
import type { SagaDefinition } from './define.ts'
import type { SagaState } from './state.ts'

/** A saga, and how far its stream is handled. Without a saga's fields: none of its events has begun one yet. */
export type StreamDriven = Partial<SagaState> & { readonly sequenceNumber: number }

export interface StreamDrivenSettings {
  readonly store: EventStore
  /** All that a stream holds. */
  readonly events: readonly Event[]
  heardOf(event: Item): Heard
}

/** Like `orchestrator`, with replies from the stream. A saga whose abort is already a fact compensates at once. */
export function streamOrchestrator(
  { store, events, heardOf }: StreamDrivenSettings,
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
    hears: inner.hears.filter(({ about }) => about === 'saga'),
    says: [...inner.says, ...events],
    stream: {
      table: store.table,
      of: heard => heard.sagaId,
      drives: { handled: state => state?.sequenceNumber ?? 0, asHeard: heardOf },
    },
    measures: (before, after) =>
      isBegun(after) ? (inner.measures?.(isBegun(before) ? before : undefined, after) ?? []) : [],
    indexed: (state, id) => (isBegun(state) ? (inner.indexed?.(state, id) ?? {}) : {}),
    decide(state, heard, seen) {
      const saga = isBegun(state) ? state : undefined
      const done = state?.sequenceNumber ?? 0
      if (heard.control) return withNumber(inner.decide(saga, heard, seen), done)
      const number = seen.stream.findIndex(event => heardOf(event).id === heard.id) + 1
      if (number > 0 && number <= done) return { kind: 'ignore', why: `event ${number} was handled before` }
      if (number !== done + 1)
        throw new Error(`event ${number} of ${heard.sagaId} is not the one after ${done}: the stream has a gap`)
      const isOut = seen.stream[number - 1]?.['takenIn'] === true
      return passOn(handle(saga, heard, seen, number), { state, heard, number, isOut })
    },
  }

  function handle(saga: SagaState | undefined, heard: Heard, seen: Seen, number: number): Decision<SagaState> {
    let decision = saga && isAbortFact(saga, heard) ? abort(saga, heard, seen) : inner.decide(saga, heard, seen)
    // What takes back and is a fact already is not asked for: its reply will not come a second time.
    const facts = seen.stream.slice(0, number).map(heardOf)
    for (let asked = compensation(decision); asked; asked = compensation(decision)) {
      const { done } = asked.message as Command
      const fact = facts.find(fact => done.some(({ type }) => type === fact.type))
      if (!fact || decision.kind !== 'commit') break
      const { send = [], rows = [] } = decision
      const next = inner.decide(decision.state, fact, seen)
      if (next.kind !== 'commit') break
      decision = {
        ...next,
        send: [...send.filter(said => said !== asked), ...(next.send ?? [])],
        rows: [...rows, ...(next.rows ?? [])],
      }
    }
    return decision
  }

  /** Somebody else has decided that the saga is aborted, before its point of no return. */
  function isAbortFact(saga: SagaState, { type }: Heard): boolean {
    const { abort, steps } = definitionOf(saga)
    const step = steps.find(({ name }) => name === saga.step)
    const isFact = abort?.command.done.some(reply => reply.type === type) ?? false
    return isFact && saga.status === 'RUNNING' && saga.doing === 'do' && step?.kind === 'step'
  }

  function abort(saga: SagaState, heard: Heard, seen: Seen): Decision<SagaState> {
    const { reason } = heard.body
    return gaveUp(
      { definition: definitionOf(saga), heard, seen },
      saga,
      typeof reason === 'string' ? reason : 'ABORTED',
    )
  }

  /** The command of a commit that takes something back. */
  function compensation(decision: Decision<SagaState>): Said | undefined {
    if (decision.kind !== 'commit' || decision.state.doing === 'do') return undefined
    return decision.send?.find(({ message }) => message.kind === 'command')
  }

  /** Whatever the saga makes of it, the event is handled, and goes out, unless it came from there. */
  function passOn(
    decision: Decision<SagaState>,
    { state, heard, number, isOut }: { state: StreamDriven | undefined; heard: Heard; number: number; isOut: boolean },
  ): Decision<StreamDriven> {
    const message = events.find(({ type }) => type === heard.type)
    const out: Said[] = message && !isOut ? [{ message, body: heard.body, as: PASSED_ON }] : []
    // Last, as the saga counts its own messages from the first.
    if (decision.kind !== 'commit') {
      const unexpected = decision.kind === 'ignore' && decision.unexpected
      return {
        kind: 'commit',
        state: { ...state, sequenceNumber: number },
        send: out,
        ...(unexpected && { unexpected }),
      }
    }
    return withNumber({ ...decision, send: [...(decision.send ?? []), ...out] }, number)
  }
}

const isBegun = (state: StreamDriven | undefined): state is StreamDriven & SagaState => state?.status !== undefined

const withNumber = (decision: Decision<SagaState>, sequenceNumber: number): Decision<StreamDriven> =>
  decision.kind === 'commit' ? { ...decision, state: { ...decision.state, sequenceNumber } } : decision
