/**
 * The orchestrator: what a saga does on each message that it handles. Pure, and the only writer of a saga's state.
 *
 * Replies are matched by the step that waits for them, not by the attempt; a retry sends the same command with the same
 * id; what was done, or may have been, is undone backwards; what cannot go on is STUCK, never silently ended.
 */

import type { Aggregate, Decision } from '../model/aggregate.ts'
import { controlMessages } from './control-messages.ts'
import type { MessageType } from '../model/messages.ts'
import type { SagaDefinition } from './builder.ts'
import { sagaMeasures } from './measures.ts'
import {
  sendCommand,
  retryCommand,
  pendingCommand,
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
} from './transitions.ts'
import { commandsOf, orchestratorOf } from './reactions.ts'
import { resolutionOf } from './resolution.ts'
import { isClosed, type SagaState } from './state.ts'
import { sagasTable } from './saga-tables.ts'
import { isUnexpectedEffect } from './unexpected-effects.ts'
import { wakePartition } from './wake-index.ts'

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
    handles: unique([...all.flatMap(handledBy), ...controlMessages]),
    publishes: unique(all.flatMap(commandsOf)),
    notices: new Set(
      all
        .flatMap(commandsOf)
        .filter(command => command.done.length === 0)
        .map(command => command.type),
    ),
    measures: (before, after) => sagaMeasures(versions.get(after.definition) ?? current, before, after),
    indexed: (state, id) => ({ wakePartition: wakePartition(current.name, state.status, id), wakeAt: state.wakeAt }),
    decide(state, message, context) {
      if (message.control && message.body['saga'] !== current.name)
        return { kind: 'ignore', why: 'it is for another saga' }
      const definition = state ? versions.get(state.definition) : current
      if (!definition)
        throw new Error(
          `saga ${current.name} ${message.sagaId} runs version ${state?.definition}, which is not deployed any more: deploy it beside the new one`,
        )
      const turn: Turn = { definition, message, context }
      if (message.type === definition.startsWith.type && !message.control)
        return state ? { kind: 'ignore', why: 'the saga has begun already' } : begin(turn)
      if (!state)
        return message.type === definition.joins?.with.type && !message.control
          ? begin(turn, definition.joins.at)
          : { kind: 'ignore', why: 'no saga waits for it' }
      if (message.control)
        return isClosed(state) ? { kind: 'ignore', why: `the saga is ${state.status}` } : onControl(turn, state)
      return onReply(turn, state)
    },
  }
}

function begin(turn: Turn, at?: string): Decision<SagaState> {
  const { definition, message, context } = turn
  const { [definition.key]: _, ...data } = message.body
  const fresh: SagaState = {
    definition: definition.version,
    status: 'RUNNING',
    step: '',
    doing: 'do',
    data,
    attempt: 0,
    deadlineAt: context.now + definition.deadlineSeconds * 1000,
    wakeAt: Number.POSITIVE_INFINITY,
    startedAt: context.now,
    updatedAt: context.now,
    timeline: '[]',
  }
  const from = at === undefined ? 0 : definition.steps.findIndex(step => step.name === at)
  return forward(turn, fresh, from, historyRow(turn, definition.history?.started))
}

/** A reply, if it is one that the saga waits for. */
function onReply(turn: Turn, state: SagaState): Decision<SagaState> {
  const { definition, message } = turn
  const { type, body } = message
  const reply = repliesOf(definition).find(message => message.type === type)
  if (reply?.isReply?.(body) === false) return { kind: 'ignore', why: `this ${type} is a claim, and no reply` }
  if (isClosed(state)) return ignored(turn, state, `the saga is ${state.status}`)
  const view = { ...body, [definition.key]: message.sagaId }
  if (state.doing === 'abort')
    return types(definition.abort?.command.done).includes(type) ? afterAbort(turn, state) : notAwaited(turn, state)
  const i = definition.steps.findIndex(step => step.name === state.step)
  const step = definition.steps[i]
  if (!step)
    throw new Error(
      `saga ${definition.name} ${message.sagaId} is at a step that version ${definition.version} does not have: ${state.step}`,
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
  // The service undid it before its refusal arrived: refused and undone in one.
  if (step.undo && types(step.undo.command.done).includes(type))
    return backward(
      turn,
      { ...state, reason: typeof body['reason'] === 'string' ? body['reason'] : 'CANCELLED' },
      i - 1,
    )
  return notAwaited(turn, state)
}

/** Whoever began the saga is notified; what is undone last is left. */
function afterAbort(turn: Turn, state: SagaState): Decision<SagaState> {
  const step = turn.definition.steps.find(({ name }) => name === state.undoLast)
  return step?.undo ? sendCommand(turn, state, 'undo', step, step.undo, [], []) : ended(turn, state, 'ABORTED')
}

/** A deadline or an operator. */
function onControl(turn: Turn, state: SagaState): Decision<SagaState> {
  const { message, context } = turn
  const { type, body } = message
  const aimedAt = body['version']
  if (type === 'SagaWakeUp') {
    if (aimedAt !== context.version)
      return { kind: 'ignore', why: `it is for version ${String(aimedAt)}, the saga is at ${context.version}` }
    return state.status === 'STUCK' ? { kind: 'ignore', why: 'the saga is STUCK' } : onWakeUp(turn, state)
  }
  if (aimedAt !== context.version) return note(turn, state)
  if (type === 'SagaRetry')
    return state.pendingId === undefined && state.attempt > 0 ? note(turn, state) : retryCommand(turn, state, 1)
  if (type === 'SagaAbort')
    return canAbort(turn.definition, state) ? giveUp(turn, state, ABORTED_BY_OPERATOR) : note(turn, state)
  return onResolve(turn, state)
}

/** An operator may abort while nothing final was done: at a step, or at a pivot that can be settled. */
export function canAbort(definition: SagaDefinition, state: Pick<SagaState, 'doing' | 'step'>): boolean {
  const step = stepAt(definition, state)
  return state.doing === 'do' && (step?.kind === 'step' || (step?.kind === 'pivot' && step.settle !== undefined))
}

/** A pivot whose outcome nothing finds out but its own reply: it may be carried out whatever an operator reports. */
export function cannotBeSettled(definition: SagaDefinition, state: Pick<SagaState, 'doing' | 'step'>): boolean {
  const step = stepAt(definition, state)
  return state.doing === 'do' && step?.kind === 'pivot' && step.settle === undefined
}

/** What the step's command did can be undone or settled: it need not be known to go back from it. */
export function canBeTakenBack(definition: SagaDefinition, state: Pick<SagaState, 'doing' | 'step'>): boolean {
  const step = stepAt(definition, state)
  return state.doing === 'do' && (step?.undo !== undefined || step?.settle !== undefined)
}

const stepAt = ({ steps }: SagaDefinition, { step }: Pick<SagaState, 'step'>) => steps.find(({ name }) => name === step)

/**
 * The operator reports what the missing reply was. A command that is reported as refused may still be carried out, as nobody
 * saw its reply: what could be undone or settled is, and the answer to that ends the step.
 */
function onResolve(turn: Turn, state: SagaState): Decision<SagaState> {
  const { definition, message } = turn
  const pending = pendingCommand(definition, state)
  const isRefused = message.body['outcome'] === 'refused'
  if (isRefused && cannotBeSettled(definition, state)) return note(turn, state)
  const step = stepAt(definition, state)
  const takesBack = isRefused && canBeTakenBack(definition, state)
  if (takesBack && message.body['reply'] === undefined) return giveUp(turn, state, ABORTED_BY_OPERATOR)
  const options = isRefused ? pending.command.refused : pending.command.done
  const given = (message.body['reply'] ?? {}) as Record<string, unknown>
  const resolution = resolutionOf(options, given, { idNeeded: state.doing === 'do', sagaId: message.sagaId })
  if (!resolution || 'problem' in resolution) return note(turn, state)
  const { reply, body } = resolution
  const why = step?.refused[reply.type]
  if (takesBack)
    return giveUp(
      turn,
      state,
      why?.({ ...body, [definition.key]: message.sagaId }, viewOf(turn, state)) ?? ABORTED_BY_OPERATOR,
    )
  const decision = onReply({ ...turn, message: { ...message, type: reply.type, body }, action: message }, state)
  return decision.kind === 'ignore' ? note(turn, state) : decision
}

/** Whether it is really late is decided here: the index may be earlier than what is due (one lazy wake-up a saga). */
function onWakeUp(turn: Turn, state: SagaState): Decision<SagaState> {
  const { definition, context } = turn
  const { now } = context
  const late = state.dueAt !== undefined && now >= state.dueAt
  if (state.doing === 'do' && now >= state.deadlineAt) return giveUp(turn, state, TIMED_OUT)
  if (!late) {
    const due = dueFirst(state)
    return due === state.wakeAt
      ? { kind: 'ignore', why: 'nothing is late' }
      : committed(turn, { ...state, wakeAt: due }, [], [], false)
  }
  if (state.attempt < pendingCommand(definition, state).attemptsMax) return retryCommand(turn, state, state.attempt + 1)
  return state.doing === 'do' ? giveUp(turn, state, TIMED_OUT) : stuck(turn, state)
}

/** The step will not be waited for any longer. What it did is unknown, so it is undone, or settled, or the saga is STUCK for a person. */
export function giveUp(turn: Turn, state: SagaState, reason: string): Decision<SagaState> {
  const i = turn.definition.steps.findIndex(step => step.name === state.step)
  const step = turn.definition.steps[i]
  if (step?.kind === 'step') return backward(turn, { ...state, reason }, i)
  if (step?.kind === 'pivot' && step.settle)
    return sendCommand(turn, { ...state, reason }, 'settle', step, step.settle, [], [])
  return stuck(turn, state)
}

const notAwaited = (turn: Turn, state: SagaState): Decision<SagaState> =>
  ignored(turn, state, `not what ${state.doing} ${state.step} waits for`)

const ignored = ({ definition, message }: Turn, state: SagaState, why: string): Decision<SagaState> => ({
  kind: 'ignore',
  why,
  ...(isUnexpectedEffect(definition, state, message) && { unexpected: true }),
})

const types = (messages: readonly MessageType[] | undefined) => (messages ?? []).map(message => message.type)

const unique = <M extends MessageType>(messages: readonly M[]): M[] => [
  ...new Map(messages.map(message => [message.type, message])).values(),
]

const repliesOf = (definition: SagaDefinition) =>
  commandsOf(definition).flatMap(command => [...command.done, ...command.refused])

const handledBy = (definition: SagaDefinition): MessageType[] => [
  definition.startsWith,
  ...(definition.joins ? [definition.joins.with] : []),
  ...repliesOf(definition),
]
