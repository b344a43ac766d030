import type { Body, Command, Event } from '../model/messages.ts'
import { pluralOf } from '../delivery/topics.ts'
import { check } from './definition-checks.ts'
import { sagaReactions } from './reactions.ts'
import type {
  AbortStep,
  CommandSettings,
  Duration,
  HistoryDefinition,
  SagaDefinition,
  Step,
  Undo,
} from './definition.ts'
import type { About, History, Open } from './builder-types.ts'

export { SagaDefinitionError } from './definition-checks.ts'
export type {
  AbortStep,
  CommandSettings as Asking,
  Duration,
  HistoryDefinition,
  SagaDefinition,
  Step,
  Undo,
} from './definition.ts'

/**
 * Begins a saga's definition. Steps follow in the order in which they are taken: `.step().undo()` any number of times,
 * at most one `.pivot()`, any number of `.retriable()`, then `.onAbort()` and `.build()`.
 * Each call gives a new builder; nothing is shared between two that begin alike.
 */
export function saga<E extends Event>(name: string, about: About<E>): Open<E['idField'], Body<E>, Body<E>, never> {
  return writer({ name, about, steps: [] }) as unknown as Open<E['idField'], Body<E>, Body<E>, never>
}

/** For a reply that adds nothing to the saga's state. */
export const nothing = () => ({})

const stepDefaults = { seconds: 60, attempts: 3 }
/** For what must be done in the end: compensations, settling, retriable steps, the abort. */
const untilDoneDefaults = { seconds: 60, attempts: 10 }

interface Draft {
  readonly name: string
  readonly about: About<Event>
  readonly steps: readonly Step[]
  readonly abort?: AbortStep
}

/** What a caller may write, once the types have seen to it. */
interface Loose {
  readonly send?: CommandSettings['send']
  readonly within?: Duration
  readonly attempts?: number
  readonly done?: Step['done']
  readonly refused?: Step['refused']
  readonly onItsOwnAfter?: readonly string[]
  readonly evenIfRefused?: boolean | 'after the abort'
}

/** All methods at once; which of them a caller sees is the types' business (`writing.ts`). */
function writer(draft: Draft) {
  const add = (kind: Step['kind'], defaults: typeof stepDefaults) => (name: string, command: Command, how: Loose) =>
    writer({
      ...draft,
      steps: [
        ...draft.steps,
        { name, kind, ...settings(command, how, defaults), done: how.done ?? {}, refused: how.refused ?? {} },
      ],
    })
  const amend = (change: (last: Step) => Step) =>
    writer({ ...draft, steps: draft.steps.map((step, i) => (i === draft.steps.length - 1 ? change(step) : step)) })
  return {
    step: add('step', stepDefaults),
    pivot: add('pivot', stepDefaults),
    retriable: add('retriable', untilDoneDefaults),
    undo: (command: Command, how: Loose) => amend(last => ({ ...last, undo: undoing(command, how) })),
    ifUnknown: (command: Command, how: Loose) => amend(last => ({ ...last, settle: undoing(command, how) })),
    nothingToUndo: () => writer(draft),
    onAbort: (name: string, command: Command, how: Loose) =>
      writer({ ...draft, abort: { name, ...settings(command, how, untilDoneDefaults) } }),
    build: () => build(draft),
  }
}

const settings = (command: Command, how: Loose, defaults: typeof stepDefaults): CommandSettings => ({
  command,
  withinSeconds: how.within?.seconds ?? defaults.seconds,
  attemptsMax: how.attempts ?? defaults.attempts,
  send: how.send ?? nothing,
})

const undoing = (command: Command, how: Loose): Undo => ({
  ...settings(command, how, untilDoneDefaults),
  onItsOwnAfter: how.onItsOwnAfter ?? [],
  evenIfRefused: how.evenIfRefused ?? false,
})

function build({ name, about, steps, abort }: Draft): SagaDefinition {
  const definition = {
    name,
    version: about.version,
    key: about.startsWith.idField,
    startsWith: about.startsWith,
    ...(about.joins && { joins: about.joins }),
    deadlineSeconds: about.deadline.seconds,
    ...(about.history && { history: historyOf(name, about.history) }),
    steps,
    ...(abort && { abort }),
  }
  check(definition)
  return { ...definition, reactions: sagaReactions(definition) }
}

const historyOf = (saga: string, { table, ...statuses }: History): HistoryDefinition => ({
  table: table ?? `${pluralOf(saga)}-history`,
  ...statuses,
})
