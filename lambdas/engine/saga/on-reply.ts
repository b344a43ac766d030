/** What a saga makes of a service's reply. */
import type { Decision } from '../model/aggregate.ts'
import type { MessageType } from '../model/messages.ts'
import type { SagaDefinition } from './builder.ts'
import { commandsOf } from './reactions.ts'
import { isClosed, type SagaState } from './state.ts'
import { backward, ended, forward, plain, sendCommand, type Turn, viewOf, waitForUndo } from './transitions.ts'
import { isUnexpectedEffect } from './unexpected-effects.ts'

/** A reply, if it is one that the saga waits for. */
export function onReply(turn: Turn, state: SagaState): Decision<SagaState> {
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

export const repliesOf = (definition: SagaDefinition) =>
  commandsOf(definition).flatMap(command => [...command.done, ...command.refused])

const notAwaited = (turn: Turn, state: SagaState): Decision<SagaState> =>
  ignored(turn, state, `not what ${state.doing} ${state.step} waits for`)

const ignored = ({ definition, message }: Turn, state: SagaState, why: string): Decision<SagaState> => ({
  kind: 'ignore',
  why,
  ...(isUnexpectedEffect(definition, state, message) && { unexpected: true }),
})

const types = (messages: readonly MessageType[] | undefined) => (messages ?? []).map(message => message.type)
