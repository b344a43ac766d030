import type { Command, Event, Reaction } from '../model/messages.ts'
import { orchestratorOf } from '../model/orchestrator-name.ts'
import type { SagaDefinition, Step } from './definition.ts'

/**
 * A saga as reactions of its orchestrator: the same shape that a choreography has, so one reader derives topics,
 * event sources, grants and diagrams. What time and operators can make it publish is not here (`wiring.ts` adds it).
 */
export function sagaReactions(saga: Omit<SagaDefinition, 'reactions'>): Reaction[] {
  const { name, startsWith, joins, steps, abort } = saga
  const by = orchestratorOf(name)
  const handles = (events: readonly Event[], publishes: readonly Command[]) =>
    events.map((on): Reaction => ({ by, on, publishes }))
  const next = (i: number) => sentFrom(steps, i)
  /** What undoes everything before step `i`: the nearest compensation, then what is left, then the abort. */
  const back = (i: number): Command[] => {
    const undo = steps.slice(0, i).findLast(step => step.undo)?.undo ?? abort
    return undo ? [undo.command] : []
  }
  const after = (step: Step, i: number, refusal: Event): Command[] =>
    step.undo && (step.undo.evenIfRefused === true || step.undo.onItsOwnAfter.includes(refusal.type))
      ? [step.undo.command]
      : back(i)
  return [
    ...handles([startsWith], next(0)),
    ...(joins ? handles([joins.with], next(steps.findIndex(step => step.name === joins.at))) : []),
    ...steps.flatMap((step, i) => [
      ...handles(step.command.done, next(i + 1)),
      ...step.command.refused.flatMap(refusal => handles([refusal], after(step, i, refusal))),
      ...handles(step.undo?.command.done ?? [], back(i)),
      ...handles(step.settle?.command.done ?? [], back(i)),
    ]),
    ...handles(abort?.command.done ?? [], undoneLast(steps)),
  ]
}

const undoneLast = (steps: readonly Step[]): Command[] =>
  steps.flatMap(({ undo }) => (undo?.evenIfRefused === 'after the abort' ? [undo.command] : []))

/** The function, and the consumer, that runs a saga. */
export { orchestratorOf }

/** Every command that a saga can send, each once. */
export const commandsOf = ({ steps, abort }: Pick<SagaDefinition, 'steps' | 'abort'>): Command[] =>
  [
    ...new Set([...steps.flatMap(step => [step.command, step.undo?.command, step.settle?.command]), abort?.command]),
  ].filter(command => command !== undefined)

/** The command of step `i`; with those of the steps after it, as long as commands have no reply to wait for. */
function sentFrom(steps: readonly Step[], i: number): Command[] {
  const command = steps[i]?.command
  if (!command) return []
  return command.done.length > 0 ? [command] : [command, ...sentFrom(steps, i + 1)]
}
