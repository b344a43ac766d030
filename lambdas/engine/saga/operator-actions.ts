/** What an operator may do with a saga, and where: the definition knows what is safe. Pure; the API checks before, the orchestrator again. */
import { canAbort, canBeTakenBack, cannotBeSettled } from './on-control.ts'
import type { SagaDefinition } from './builder.ts'
import { pendingCommand } from './transitions.ts'
import { resolutionOf } from './resolution.ts'
import { isClosed, type SagaState } from './state.ts'

export type Operation =
  | { readonly kind: 'retry' }
  | { readonly kind: 'abort' }
  | {
      readonly kind: 'resolve'
      readonly outcome: 'done' | 'refused'
      readonly reply?: Readonly<Record<string, unknown>>
    }

/** Why a saga's state does not allow it, with what does instead; undefined if it is allowed. */
export function whyNot(definition: SagaDefinition, state: SagaState, operation: Operation): string | undefined {
  if (isClosed(state)) return `it is ${state.status}: there is nothing left to do`
  switch (operation.kind) {
    case 'retry':
      return undefined
    case 'abort':
      if (canAbort(definition, state)) return undefined
      return state.doing === 'do'
        ? 'it is past its point of no return, where only retry and resolve lead on'
        : 'it is being undone already: retry what it waits for, or resolve it'
    case 'resolve': {
      const { command } = pendingCommand(definition, state)
      const options = operation.outcome === 'done' ? command.done : command.refused
      if (options.length > 0 && operation.outcome === 'refused' && cannotBeSettled(definition, state))
        return `${command.type} may still be carried out, and nothing could take it back: retry it, or resolve it as done`
      if (options.length > 0) return undefined
      return `${command.type} cannot be ${operation.outcome}: ${operation.outcome === 'done' ? 'nobody answers it' : 'it is done in the end, or resolved as done'}`
    }
  }
}

/** What is wrong with the reply that an operator gives for the missing one; undefined if it fits. Its data, or `{type, data}`. */
export function replyProblem(
  definition: SagaDefinition,
  state: SagaState,
  { outcome, reply }: Extract<Operation, { kind: 'resolve' }>,
  sagaId: string,
): string | undefined {
  // Without a reply, the step is undone or settled on an operator's word alone.
  if (outcome === 'refused' && reply === undefined && canBeTakenBack(definition, state)) return undefined
  const { command } = pendingCommand(definition, state)
  const options = outcome === 'done' ? command.done : command.refused
  const resolution = resolutionOf(options, reply, { idNeeded: state.doing === 'do', sagaId })
  return resolution && 'problem' in resolution ? resolution.problem : undefined
}
