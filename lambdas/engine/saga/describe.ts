import type { CommandSettings, SagaDefinition, Undo } from './definition.ts'

/** What a definition holds, as JSON in a stable order and without its functions: to be compared, locked and shown. */
export function describe(saga: SagaDefinition) {
  const { name, version, key, startsWith, deadlineSeconds, history, steps, abort } = saga
  return {
    saga: name,
    version,
    key,
    startsWith: startsWith.type,
    ...(saga.joins && { joins: { with: saga.joins.with.type, at: saga.joins.at } }),
    deadlineSeconds,
    ...(history && {
      history: {
        table: history.table,
        ...(history.started !== undefined && { started: history.started }),
        ...(history.completed !== undefined && { completed: history.completed }),
        ...(history.aborting !== undefined && { aborting: history.aborting }),
      },
    }),
    steps: steps.map(({ name, kind, undo, settle, ...step }) => ({
      name,
      kind,
      ...describeCommand(step),
      ...(undo && { undo: describeUndo(undo) }),
      ...(settle && { settle: describeCommand(settle) }),
    })),
    ...(abort && { abort: { name: abort.name, ...describeCommand(abort) } }),
  }
}

export type SagaDescription = ReturnType<typeof describe>

// Replies stay in the contract's order: the timeline of a saga abbreviates them by their place.
const describeCommand = ({ command, withinSeconds, attemptsMax }: CommandSettings) => ({
  command: command.type,
  about: command.about,
  done: command.done.map(reply => reply.type),
  refused: command.refused.map(reply => reply.type),
  withinSeconds,
  attemptsMax,
})

const describeUndo = (undo: Undo) => ({
  ...describeCommand(undo),
  onItsOwnAfter: undo.onItsOwnAfter.toSorted(),
  evenIfRefused: undo.evenIfRefused,
})
