import { patience } from './patience.ts'
import type { CommandSettings, SagaDefinition, Step } from './definition.ts'

/**
 * A saga as a Mermaid state diagram: which command each state waits for, and where every reply, refusal and timeout leads.
 * Shows what the orchestrator does (`orchestrator.ts`); operators' actions are left out.
 */
export function mermaid(saga: SagaDefinition): string {
  const { name, version, startsWith, deadlineSeconds, history, steps, abort } = saga
  const back = backFrom(saga)
  const lines = [
    '---',
    `title: ${name} saga, version ${version}, to be done in ${timeOf(deadlineSeconds)}`,
    '---',
    'stateDiagram-v2',
    ...steps.flatMap(step => [
      state(`do_${step.name}`, `${step.name}${step.kind === 'step' ? '' : ` (${step.kind})`}`, step),
      ...(step.undo ? [state(`undo_${step.name}`, `undo ${step.name}`, step.undo)] : []),
      ...(step.settle ? [state(`settle_${step.name}`, `settle ${step.name}`, step.settle)] : []),
    ]),
    ...(abort ? [state(`abort_${abort.name}`, `${abort.name} (abort)`, abort)] : []),
    ...(history ? Object.entries(ends(history)).map(([id, status]) => `  ${id}: ${id}<br/>history ${status}`) : []),
    '',
    arrow('[*]', doing(steps[0]), withHistory(startsWith.type, history?.started)),
    ...steps.flatMap((step, i) => arrowsOf(step, i, doing(steps[i + 1]), back)),
    ...(abort
      ? [
          ...replies(`abort_${abort.name}`, 'ABORTED', abort),
          ...steps.flatMap(step =>
            step.undo?.evenIfRefused === 'after the abort'
              ? [
                  ...step.command.refused.map(({ type }) =>
                    arrow(`abort_${abort.name}`, `undo_${step.name}`, `if ${type} began it`),
                  ),
                  arrow(`undo_${step.name}`, 'ABORTED', 'if it was refused'),
                ]
              : [],
          ),
          ...silence(`abort_${abort.name}`, 'STUCK', abort),
        ]
      : []),
    '  COMPLETED --> [*]',
    ...(canAbort(saga) ? ['  ABORTED --> [*]'] : []),
  ]
  return `${lines.join('\n')}\n`
}

/** Where going back from step `i` leads: the nearest compensation at or before it, else the abort. */
const backFrom =
  ({ steps, abort }: SagaDefinition) =>
  (i: number): string => {
    const undo = steps.slice(0, i + 1).findLast(step => step.undo)
    return undo ? `undo_${undo.name}` : abort ? `abort_${abort.name}` : 'ABORTED'
  }

const canAbort = ({ steps }: SagaDefinition) =>
  steps.some(step => step.kind === 'step' || step.command.refused.length > 0 || step.settle)

function arrowsOf(step: Step, i: number, next: string, back: (i: number) => string): string[] {
  const here = `do_${step.name}`
  const refusals = step.command.refused.map(({ type }) => {
    const itself = step.undo?.onItsOwnAfter.includes(type)
    return arrow(
      here,
      step.undo && (itself || step.undo.evenIfRefused === true) ? back(i) : back(i - 1),
      itself ? `${type}, undone unasked` : type,
    )
  })
  const late = step.settle ? `settle_${step.name}` : step.kind === 'step' ? back(i) : 'STUCK'
  return [
    ...replies(here, next, step),
    ...refusals,
    ...silence(here, late, step),
    ...(step.undo
      ? [...replies(`undo_${step.name}`, back(i - 1), step.undo), ...silence(`undo_${step.name}`, 'STUCK', step.undo)]
      : []),
    ...(step.settle
      ? [
          ...replies(`settle_${step.name}`, back(i - 1), step.settle),
          ...silence(`settle_${step.name}`, 'STUCK', step.settle),
        ]
      : []),
  ]
}

const doing = (step: Step | undefined) => (step ? `do_${step.name}` : 'COMPLETED')

const replies = (from: string, to: string, { command }: CommandSettings) =>
  command.done.length > 0
    ? command.done.map(({ type }) => arrow(from, to, type))
    : [arrow(from, to, 'sent, nobody answers')]

const silence = (from: string, to: string, { command, withinSeconds, attemptsMax }: CommandSettings) =>
  command.done.length > 0 ? [arrow(from, to, `no answer, ${timesOf(from, withinSeconds, attemptsMax)}`)] : []

/** `3 times 60 s`; what takes something back, for which a saga has patience: `10 times in 35 min`. */
function timesOf(from: string, withinSeconds: number, attemptsMax: number): string {
  const doing = from.startsWith('do_') ? 'do' : 'undo'
  const waits = Array.from({ length: attemptsMax }, (_, i) => withinSeconds * patience({ doing }, i + 1))
  const all = waits.reduce((sum, wait) => sum + wait, 0)
  return all === attemptsMax * withinSeconds
    ? `${attemptsMax} times ${timeOf(withinSeconds)}`
    : `${attemptsMax} times in ${timeOf(all)}`
}

const state = (id: string, title: string, { command }: CommandSettings) => `  ${idOf(id)}: ${title}<br/>${command.type}`
const arrow = (from: string, to: string, why: string) => `  ${idOf(from)} --> ${idOf(to)}: ${why}`
/** Mermaid's ids have no dashes. */
const idOf = (id: string) => id.replaceAll('-', '_')

const ends = ({ completed, aborting }: NonNullable<SagaDefinition['history']>) => ({
  ...(completed !== undefined && { COMPLETED: completed }),
  ...(aborting !== undefined && { ABORTED: aborting }),
})
const withHistory = (text: string, status: string | undefined) =>
  status === undefined ? text : `${text}, history ${status}`

const timeOf = (seconds: number) =>
  seconds % 3600 === 0
    ? `${seconds / 3600} h`
    : seconds % 60 === 0 && seconds > 60
      ? `${seconds / 60} min`
      : `${seconds} s`
