/** A success that nobody counts on any more: what was done stands, although for its saga it was not. Pure. */
import type { Message } from '../model/aggregate.ts'
import { isClosed, readTimeline, type SagaState, vocabularyOf } from './state.ts'
import type { SagaDefinition, Step } from './definition.ts'

/**
 * Whether a reply reports a step as done which for the saga has ended otherwise: refused, given up, undone or settled.
 * Not so if the saga has taken that reply before, if the step's undoing is still on its way, or if the service has since
 * confirmed that it is undone: what was sent before that is late and no longer true.
 */
export function isUnexpectedEffect(
  definition: SagaDefinition,
  state: SagaState,
  { type, sentAt }: Pick<Message, 'type' | 'sentAt'>,
): boolean {
  const { steps } = definition
  const i = steps.findIndex(({ command }) => command.done.some(reply => reply.type === type))
  const step = steps[i]
  if (!step || state.status === 'COMPLETED') return false
  if (!isClosed(state)) {
    const at = steps.findIndex(({ name }) => name === state.step)
    if (state.doing === 'do' || step.name === state.undoLast) return false
    if (state.doing !== 'abort' && i <= at) return false
  }
  const taken = entriesOf(definition, state)
  if (taken.some(entry => entry.type === type)) return false
  const undoneAt = confirmedAt(taken, step, i)
  return undoneAt === undefined || sentAt === undefined || sentAt > undoneAt
}

const entriesOf = (definition: SagaDefinition, { startedAt, timeline }: SagaState) => {
  const vocabulary = vocabularyOf(definition)
  return readTimeline(timeline).map(([ms, what, , place]) => ({
    at: startedAt + ms,
    type: typeof what === 'number' ? vocabulary[what] : what,
    place,
  }))
}

/** When the saga learned that step `i` is undone or settled: by its service, or by an operator in its place. */
function confirmedAt(entries: ReturnType<typeof entriesOf>, { undo, settle }: Step, i: number): number | undefined {
  const confirmations = [undo, settle].flatMap(how => how?.command.done.map(reply => reply.type) ?? [])
  const undoing = [`u${i}`, `s${i}`]
  let isUndoing = false
  for (const { at, type, place } of entries) {
    if (confirmations.includes(type ?? '')) return at
    if (undoing.includes(place)) isUndoing = true
    else if (isUndoing && place !== 'STUCK') return at
  }
  return undefined
}
