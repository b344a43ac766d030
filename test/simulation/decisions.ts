/**
 * What a decision must never be, whatever came before. Some rules are healed by others (a lost reply by a retry, a missing
 * tombstone by a second rejection), so that their absence shows at rest only where two faults meet: it is seen here.
 */
import { isDeepStrictEqual } from 'node:util'
import type { AnyAggregate, Decision, Heard, Seen } from '#shared/aggregate.ts'
import type { SagaState } from '#shared/saga/state.ts'
import type { Domain, Tell } from './domain.ts'

export interface Decided {
  readonly aggregate: AnyAggregate
  readonly state: Readonly<Record<string, unknown>> | undefined
  readonly heard: Heard
  readonly seen: Seen
  readonly decision: Decision<object>
}

/** The same domain, whose decisions are looked at. */
export function watched(domain: Domain, tell: Tell): Domain {
  const look = (aggregate: AnyAggregate): AnyAggregate => ({
    ...aggregate,
    decide(state, heard, seen) {
      const decision = aggregate.decide(state, heard, seen)
      const decided = { aggregate, state: state as Decided['state'], heard, seen, decision }
      ofAll(decided, domain, tell)
      if (heard.control) ofControl(decided, tell)
      domain.decided?.(decided, tell)
      return decision
    },
  })
  return {
    ...domain,
    consumers: domain.consumers.map(consumer => ({ ...consumer, aggregate: look(consumer.aggregate) })),
  }
}

const named = ({ heard }: Decided) => `${heard.type} ${heard.id}`

function ofAll(decided: Decided, domain: Domain, tell: Tell) {
  const { aggregate, state, heard, decision } = decided
  const message = aggregate.hears.find(({ type }) => type === heard.type)
  // Rule 2. In an event store the stream answers.
  if (message?.kind === 'command' && !heard.control && decision.kind === 'ignore' && !aggregate.stream)
    tell('commands-are-answered', `${named(decided)} is ignored: ${decision.why}`, heard.sagaId)
  if (decision.kind === 'answer' && state === undefined)
    tell('answers-are-kept', `${named(decided)} is answered, and nothing is kept of it`, heard.sagaId)
  if (decision.kind === 'call' && state === undefined)
    tell('intent-before-the-call', `${named(decided)} calls, and nothing of it is kept`, heard.sagaId)
  const takesBack = domain.sagas.some(({ steps }) =>
    steps.some(({ undo, settle }) => [undo?.command, settle?.command].some(command => command?.type === heard.type)),
  )
  if (takesBack && state === undefined && decision.kind !== 'commit' && !aggregate.stream)
    tell('undo-leaves-a-tombstone', `${named(decided)} finds nothing, and leaves nothing`, heard.sagaId)
}

/** Rule 8: who controls a saga says what was seen, and what was not seen is not acted on. */
function ofControl(decided: Decided, tell: Tell) {
  const { heard, seen, decision } = decided
  const saga = decided.state as SagaState | undefined
  const isOpen = saga?.status === 'RUNNING' || saga?.status === 'COMPENSATING' || saga?.status === 'STUCK'
  if (!saga || !isOpen) return
  const isWakeUp = heard.type === 'SagaWakeUp'
  const isStale = heard.body['version'] !== seen.version
  if (decision.kind === 'commit') {
    const { timeline: _, updatedAt: __, ...before } = saga
    const { timeline: ___, updatedAt: ____, ...after } = decision.state as SagaState
    if (isStale && (isWakeUp || !isDeepStrictEqual(after, before)))
      tell(
        'control-acts-on-what-it-saw',
        `${named(decided)} is for version ${String(heard.body['version'])} and changes ${seen.version}`,
        heard.sagaId,
      )
  } else if (!isWakeUp) tell('operators-are-shown', `${named(decided)} leaves no trace at an open saga`, heard.sagaId)
  if (isWakeUp && !isStale && saga.status === 'RUNNING' && saga.doing === 'do' && seen.now >= saga.deadlineAt) {
    const next = decision.kind === 'commit' ? (decision.state as SagaState) : saga
    if (next.status === 'RUNNING')
      tell('deadline-ends-the-step', `${heard.sagaId} is past its deadline and goes on with ${saga.step}`, heard.sagaId)
  }
}
