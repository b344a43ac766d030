/** What became of the saga that a dead letter belongs to. Pure but for the one read. */
import type { Item, Store } from '#engine/model/ports.ts'
import { commandsOf } from '#engine/saga/reactions.ts'
import type { SagaDefinition, Step } from '#engine/saga/definition.ts'
import type { SagaState } from '#engine/saga/state.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import type { SagaSeen } from './routes.ts'

export interface SagaOfLetter {
  readonly saga?: SagaSeen
  readonly warning?: string
  /** A command that its saga does not wait for would be carried out for nobody: money taken for an order that is rejected. */
  readonly unawaited?: string
}

/** For each letter its saga as it is now, and a warning if that has ended or moved on. One read for all. Throws RetryableError. */
export async function sagasOf(
  store: Pick<Store, 'read'>,
  sagas: readonly SagaDefinition[],
  letters: readonly Item[],
): Promise<SagaOfLetter[]> {
  const pending = letters.flatMap(({ sagaId }) =>
    typeof sagaId === 'string' ? sagas.map(({ name }) => `${name}:${sagaId}`) : [],
  )
  const keys = [...new Set(pending)]
  const items = await store.read(keys.map(sagaKey => ({ table: sagasTable.name, key: { sagaKey } })))
  const states = new Map(keys.map((key, i) => [key, items[i] as unknown as SagaState | undefined]))
  return letters.map(letter => {
    const id = letter['sagaId']
    const type = typeof letter['type'] === 'string' ? letter['type'] : ''
    if (typeof id !== 'string') return {}
    // An event store's orchestrator keeps an item before it has begun a saga.
    const known = sagas.filter(({ name }) => states.get(`${name}:${id}`)?.status !== undefined)
    const definition = known.find(saga => placesOf(saga, type).length > 0) ?? known[0]
    const state = definition && states.get(`${definition.name}:${id}`)
    if (!definition || !state) return withoutSaga(sagas, type)
    const warning = warningOf(definition, id, state, type)
    const { status, step } = state
    const unawaited = warning !== undefined && isAnswered(definition, type)
    return {
      saga: { saga: definition.name, id, status, step },
      ...(warning !== undefined && { warning }),
      ...(unawaited && { unawaited: `${warning}, and waits for no answer to ${type}` }),
    }
  })
}

/** Why a redrive of this type may change nothing any more; undefined if it may well. */
export function warningOf(
  definition: SagaDefinition,
  id: string,
  { status, step, doing }: Pick<SagaState, 'status' | 'step' | 'doing'>,
  type: string,
): string | undefined {
  const saga = `the saga ${definition.name} ${id}`
  if (status === 'COMPLETED' || status === 'ABORTED') return `${saga} has ended: it is ${status}`
  if (type === definition.startsWith.type) return `${saga} has begun already: it is at the step ${step}`
  const places = placesOf(definition, type)
  const isHere = places.some(at => at.doing === doing && (doing === 'abort' || at.step === step))
  return places.length > 0 && !isHere
    ? `${saga} has moved on: it is at the step ${step}${doing === 'do' ? '' : ` (${doing})`}`
    : undefined
}

/** A command of the saga's that somebody answers; one that nobody answers is never waited for. */
const isAnswered = (definition: SagaDefinition, type: string): boolean =>
  commandsOf(definition).some(command => command.type === type && command.done.length > 0)

function withoutSaga(sagas: readonly SagaDefinition[], type: string): SagaOfLetter {
  const publisher = sagas.find(saga => saga.startsWith.type !== type && placesOf(saga, type).length > 0)
  return publisher ? { warning: `there is no saga ${publisher.name} for it: it never began, or is forgotten` } : {}
}

/** Where in a saga a message of this type is spoken of: its command, or a reply to that. */
function placesOf(
  { steps, abort, joins }: SagaDefinition,
  type: string,
): { step: string; doing: SagaState['doing'] }[] {
  // A reply that may begin a saga is never too late.
  if (joins?.with.type === type) return []
  const pending = [
    ...steps.flatMap(({ name, command, undo, settle }: Step) => [
      { step: name, doing: 'do' as const, command },
      ...(undo ? [{ step: name, doing: 'undo' as const, command: undo.command }] : []),
      ...(settle ? [{ step: name, doing: 'settle' as const, command: settle.command }] : []),
    ]),
    ...(abort ? [{ step: abort.name, doing: 'abort' as const, command: abort.command }] : []),
  ]
  return pending
    .filter(({ command: { type: own, done, refused } }) =>
      [own, ...done.map(one => one.type), ...refused.map(one => one.type)].includes(type),
    )
    .map(({ step, doing }) => ({ step, doing }))
}
