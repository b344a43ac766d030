/**
 * The orchestrator: what a saga does on each message that it hears. Pure, and the only writer of a saga's state.
 *
 * Replies are matched by the step that waits for them, not by the attempt; a retry says the same command with the same
 * id; what was done, or may have been, is undone backwards; what cannot go on is STUCK, never silently ended.
 */

import type { Aggregate, Decision } from '../aggregate.ts'
import { controlMessages } from '../messaging/control.ts'
import type { Message } from '../messaging/contract.ts'
import type { SagaDefinition } from './define.ts'
import { sagaMeasures } from './measures.ts'
import {
  ask,
  askAgain,
  askedOf,
  backward,
  committed,
  dueFirst,
  ended,
  forward,
  historyRow,
  note,
  plain,
  stuck,
  type Turn,
  viewOf,
  waitForUndo,
} from './moves.ts'
import { commandsOf, orchestratorOf } from './reactions.ts'
import { resolutionOf } from './resolution.ts'
import { isClosed, type SagaState } from './state.ts'
import { sagasTable } from './tables.ts'
import { isUnexpectedEffect } from './unexpected.ts'
import { wakePartition } from './wake.ts'

export const TIMED_OUT = 'TIMED_OUT'
export const ABORTED_BY_OPERATOR = 'ABORTED'

/** The orchestrator of a saga. `older`: earlier versions of the definition that still have running sagas. */
export function orchestrator(current: SagaDefinition, ...older: readonly SagaDefinition[]): Aggregate<SagaState> {
  const versions = new Map([current, ...older].map(definition => [definition.version, definition]))
  const all = [...versions.values()]
  return {
    type: orchestratorOf(current.name),
    table: sagasTable,
    itemKey: id => `${current.name}:${id}`,
    hears: unique([...all.flatMap(heardBy), ...controlMessages]),
    says: unique(all.flatMap(commandsOf)),
    notices: new Set(
      all
        .flatMap(commandsOf)
        .filter(command => command.done.length === 0)
        .map(command => command.type),
    ),
    measures: (before, after) => sagaMeasures(versions.get(after.definition) ?? current, before, after),
    indexed: (state, id) => ({ wakePartition: wakePartition(current.name, state.status, id), wakeAt: state.wakeAt }),
    decide(state, heard, seen) {
      if (heard.control && heard.body['saga'] !== current.name) return { kind: 'ignore', why: 'it is for another saga' }
      const definition = state ? versions.get(state.definition) : current
      if (!definition)
        throw new Error(
          `saga ${current.name} ${heard.sagaId} runs version ${state?.definition}, which is not deployed any more: deploy it beside the new one`,
        )
      const turn: Turn = { definition, heard, seen }
      if (heard.type === definition.startsWith.type && !heard.control)
        return state ? { kind: 'ignore', why: 'the saga has begun already' } : begin(turn)
      if (!state)
        return heard.type === definition.joins?.with.type && !heard.control
          ? begin(turn, definition.joins.at)
          : { kind: 'ignore', why: 'no saga waits for it' }
      if (heard.control)
        return isClosed(state) ? { kind: 'ignore', why: `the saga is ${state.status}` } : controlled(turn, state)
      return replied(turn, state)
    },
  }
}

function begin(turn: Turn, at?: string): Decision<SagaState> {
  const { definition, heard, seen } = turn
  const { [definition.key]: _, ...data } = heard.body
  const fresh: SagaState = {
    definition: definition.version,
    status: 'RUNNING',
    step: '',
    doing: 'do',
    data,
    attempt: 0,
    deadlineAt: seen.now + definition.deadlineSeconds * 1000,
    wakeAt: Number.POSITIVE_INFINITY,
    startedAt: seen.now,
    updatedAt: seen.now,
    timeline: '[]',
  }
  const from = at === undefined ? 0 : definition.steps.findIndex(step => step.name === at)
  return forward(turn, fresh, from, historyRow(turn, definition.history?.started))
}

/** A reply, if it is one that the saga waits for. */
function replied(turn: Turn, state: SagaState): Decision<SagaState> {
  const { definition, heard } = turn
  const { type, body } = heard
  const reply = repliesOf(definition).find(message => message.type === type)
  if (reply?.isReply?.(body) === false) return { kind: 'ignore', why: `this ${type} is a claim, and no reply` }
  if (isClosed(state)) return ignored(turn, state, `the saga is ${state.status}`)
  const view = { ...body, [definition.key]: heard.sagaId }
  if (state.doing === 'abort')
    return types(definition.abort?.command.done).includes(type) ? afterAbort(turn, state) : notAwaited(turn, state)
  const i = definition.steps.findIndex(step => step.name === state.step)
  const step = definition.steps[i]
  if (!step)
    throw new Error(
      `saga ${definition.name} ${heard.sagaId} is at a step that version ${definition.version} does not have: ${state.step}`,
    )
  if (state.doing === 'undo') {
    if (!types(step.undo?.command.done).includes(type)) return notAwaited(turn, state)
    return state.undoLast === step.name ? ended(turn, state, 'ABORTED') : backward(turn, state, i - 1)
  }
  if (state.doing === 'settle')
    return types(step.settle?.command.done).includes(type) ? backward(turn, state, i - 1) : notAwaited(turn, state)

  const adds = step.done[type]
  if (adds)
    return forward(turn, { ...state, data: { ...state.data, ...plain(adds(view, viewOf(turn, state))) } }, i + 1)
  const why = step.refused[type]
  if (why) {
    const refused = { ...state, reason: why(view, viewOf(turn, state)) }
    if (step.undo?.onItsOwnAfter.includes(type)) return waitForUndo(turn, refused, step, step.undo)
    if (step.undo?.evenIfRefused === 'after the abort')
      return backward(turn, { ...refused, undoLast: step.name }, i - 1)
    return backward(turn, refused, step.undo?.evenIfRefused ? i : i - 1)
  }
  // The service undid it before it was heard to refuse it: refused and undone in one.
  if (step.undo && types(step.undo.command.done).includes(type))
    return backward(
      turn,
      { ...state, reason: typeof body['reason'] === 'string' ? body['reason'] : 'CANCELLED' },
      i - 1,
    )
  return notAwaited(turn, state)
}

/** Whoever began the saga was told; what is undone last is left. */
function afterAbort(turn: Turn, state: SagaState): Decision<SagaState> {
  const step = turn.definition.steps.find(({ name }) => name === state.undoLast)
  return step?.undo ? ask(turn, state, 'undo', step, step.undo, [], []) : ended(turn, state, 'ABORTED')
}

/** A deadline or an operator. */
function controlled(turn: Turn, state: SagaState): Decision<SagaState> {
  const { heard, seen } = turn
  const { type, body } = heard
  const aimedAt = body['version']
  if (type === 'SagaWakeUp') {
    if (aimedAt !== seen.version)
      return { kind: 'ignore', why: `it is for version ${String(aimedAt)}, the saga is at ${seen.version}` }
    return state.status === 'STUCK' ? { kind: 'ignore', why: 'the saga is STUCK' } : woken(turn, state)
  }
  if (aimedAt !== seen.version) return note(turn, state)
  if (type === 'SagaRetry')
    return state.asked === undefined && state.attempt > 0 ? note(turn, state) : askAgain(turn, state, 1)
  if (type === 'SagaAbort')
    return canAbort(turn.definition, state) ? gaveUp(turn, state, ABORTED_BY_OPERATOR) : note(turn, state)
  return resolved(turn, state)
}

/** An operator may abort while nothing final was done: at a step, or at a pivot that can be settled. */
export function canAbort(definition: SagaDefinition, state: Pick<SagaState, 'doing' | 'step'>): boolean {
  const step = stepAt(definition, state)
  return state.doing === 'do' && (step?.kind === 'step' || (step?.kind === 'pivot' && step.settle !== undefined))
}

/** A pivot whose outcome nothing finds out but its own reply: it may be carried out whatever an operator says. */
export function cannotBeSettled(definition: SagaDefinition, state: Pick<SagaState, 'doing' | 'step'>): boolean {
  const step = stepAt(definition, state)
  return state.doing === 'do' && step?.kind === 'pivot' && step.settle === undefined
}

const stepAt = ({ steps }: SagaDefinition, { step }: Pick<SagaState, 'step'>) => steps.find(({ name }) => name === step)

/**
 * The operator says what the missing reply was. A command that is said to be refused may still be carried out, as nobody
 * saw its reply: what could be undone or settled is, and the answer to that ends the step.
 */
function resolved(turn: Turn, state: SagaState): Decision<SagaState> {
  const { definition, heard } = turn
  const asked = askedOf(definition, state)
  const isRefused = heard.body['outcome'] === 'refused'
  if (isRefused && cannotBeSettled(definition, state)) return note(turn, state)
  const options = isRefused ? asked.command.refused : asked.command.done
  const given = (heard.body['reply'] ?? {}) as Record<string, unknown>
  const resolution = resolutionOf(options, given, { idNeeded: state.doing === 'do' })
  if (!resolution || 'problem' in resolution) return note(turn, state)
  const { reply, body } = resolution
  const step = stepAt(definition, state)
  const why = step?.refused[reply.type]
  if (isRefused && state.doing === 'do' && (step?.undo || step?.settle))
    return gaveUp(
      turn,
      state,
      why?.({ ...body, [definition.key]: heard.sagaId }, viewOf(turn, state)) ?? ABORTED_BY_OPERATOR,
    )
  const decision = replied({ ...turn, heard: { ...heard, type: reply.type, body }, action: heard }, state)
  return decision.kind === 'ignore' ? note(turn, state) : decision
}

/** Whether it is really late is decided here: the index may be earlier than what is due (one lazy wake-up a saga). */
function woken(turn: Turn, state: SagaState): Decision<SagaState> {
  const { definition, seen } = turn
  const { now } = seen
  const late = state.dueAt !== undefined && now >= state.dueAt
  if (state.doing === 'do' && now >= state.deadlineAt) return gaveUp(turn, state, TIMED_OUT)
  if (!late) {
    const due = dueFirst(state)
    return due === state.wakeAt
      ? { kind: 'ignore', why: 'nothing is late' }
      : committed(turn, { ...state, wakeAt: due }, [], [], false)
  }
  if (state.attempt < askedOf(definition, state).attemptsMax) return askAgain(turn, state, state.attempt + 1)
  return state.doing === 'do' ? gaveUp(turn, state, TIMED_OUT) : stuck(turn, state)
}

/** The step will not be waited for any longer. What it did is unknown, so it is undone, or settled, or a person is asked. */
export function gaveUp(turn: Turn, state: SagaState, reason: string): Decision<SagaState> {
  const i = turn.definition.steps.findIndex(step => step.name === state.step)
  const step = turn.definition.steps[i]
  if (step?.kind === 'step') return backward(turn, { ...state, reason }, i)
  if (step?.kind === 'pivot' && step.settle) return ask(turn, { ...state, reason }, 'settle', step, step.settle, [], [])
  return stuck(turn, state)
}

const notAwaited = (turn: Turn, state: SagaState): Decision<SagaState> =>
  ignored(turn, state, `not what ${state.doing} ${state.step} waits for`)

const ignored = ({ definition, heard }: Turn, state: SagaState, why: string): Decision<SagaState> => ({
  kind: 'ignore',
  why,
  ...(isUnexpectedEffect(definition, state, heard) && { unexpected: true }),
})

const types = (messages: readonly Message[] | undefined) => (messages ?? []).map(message => message.type)

const unique = <M extends Message>(messages: readonly M[]): M[] => [
  ...new Map(messages.map(message => [message.type, message])).values(),
]

const repliesOf = (definition: SagaDefinition) =>
  commandsOf(definition).flatMap(command => [...command.done, ...command.refused])

const heardBy = (definition: SagaDefinition): Message[] => [
  definition.startsWith,
  ...(definition.joins ? [definition.joins.with] : []),
  ...repliesOf(definition),
]
