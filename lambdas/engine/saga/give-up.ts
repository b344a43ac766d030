import type { Decision } from '../model/aggregate.ts'
import type { SagaState } from './state.ts'
import { backward, sendCommand, stuck, type Turn } from './transitions.ts'

/** The step will not be waited for any longer. What it did is unknown, so it is undone, or settled, or the saga is STUCK for a person. */
export function giveUp(turn: Turn, state: SagaState, reason: string): Decision<SagaState> {
  const i = turn.definition.steps.findIndex(step => step.name === state.step)
  const step = turn.definition.steps[i]
  if (step?.kind === 'step') return backward(turn, { ...state, reason }, i)
  if (step?.kind === 'pivot' && step.settle)
    return sendCommand(turn, { ...state, reason }, 'settle', step, step.settle, [], [])
  return stuck(turn, state)
}
