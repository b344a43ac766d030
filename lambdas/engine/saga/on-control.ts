/** What a saga makes of a deadline or an operator's action. */
import type { Decision } from '../model/aggregate.ts'
import type { SagaDefinition } from './builder.ts'
import { giveUp } from './give-up.ts'
import { onReply } from './on-reply.ts'
import { resolutionOf } from './resolution.ts'
import type { SagaState } from './state.ts'
import { committed, dueFirst, note, pendingCommand, retryCommand, stuck, type Turn, viewOf } from './transitions.ts'

export const TIMED_OUT = 'TIMED_OUT'
export const ABORTED_BY_OPERATOR = 'ABORTED'

/** A deadline or an operator. */
export function onControl(turn: Turn, state: SagaState): Decision<SagaState> {
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
