/**
 * What a decision must never be, whatever came before. Some rules are healed by others (a lost reply by a retry, a missing
 * tombstone by a second rejection), so that their absence shows at rest only where two faults meet: it is seen here.
 */
import { isDeepStrictEqual } from 'node:util'
import type { AnyAggregate, Decision, Message, DecisionContext } from '#engine/model/aggregate.ts'
import { orchestratorOf } from '#engine/saga/reactions.ts'
import type { SagaState } from '#engine/saga/state.ts'
import type { Domain, Report } from './domain.ts'

export interface Decided {
  readonly aggregate: AnyAggregate
  readonly state: Readonly<Record<string, unknown>> | undefined
  readonly message: Message
  readonly context: DecisionContext
  readonly decision: Decision<object>
}

/** The same domain, whose decisions are looked at. */
export function watched(domain: Domain, report: Report): Domain {
  const look = (aggregate: AnyAggregate): AnyAggregate => ({
    ...aggregate,
    decide(state, message, context) {
      const decision = aggregate.decide(state, message, context)
      const decided = { aggregate, state: state as Decided['state'], message, context, decision }
      ofAll(decided, domain, report)
      // Sagas of every kind read one topic of control messages: another's is none of this one's business.
      if (message.control && aggregate.type === orchestratorOf(String(message.body['saga']))) ofControl(decided, report)
      domain.decided?.(decided, report)
      return decision
    },
  })
  return {
    ...domain,
    consumers: domain.consumers.map(consumer => ({ ...consumer, aggregate: look(consumer.aggregate) })),
  }
}

const named = ({ message }: Decided) => `${message.type} ${message.id}`

function ofAll(decided: Decided, domain: Domain, report: Report) {
  const { aggregate, state, message, decision } = decided
  const messageType = aggregate.handles.find(({ type }) => type === message.type)
  // Rule 2. In an event store the stream answers.
  if (messageType?.kind === 'command' && !message.control && decision.kind === 'ignore' && !aggregate.stream)
    report('commands-are-answered', `${named(decided)} is ignored: ${decision.why}`, message.sagaId)
  if (decision.kind === 'answer' && state === undefined)
    report('answers-are-kept', `${named(decided)} is answered, and nothing is kept of it`, message.sagaId)
  if (decision.kind === 'call' && state === undefined)
    report('intent-before-the-call', `${named(decided)} calls, and nothing of it is kept`, message.sagaId)
  const takesBack = domain.sagas.some(({ steps }) =>
    steps.some(({ undo, settle }) => [undo?.command, settle?.command].some(command => command?.type === message.type)),
  )
  if (takesBack && state === undefined && decision.kind !== 'commit' && !aggregate.stream)
    report('undo-leaves-a-tombstone', `${named(decided)} finds nothing, and leaves nothing`, message.sagaId)
}

/** Rule 8: who controls a saga says what was seen, and what was not seen is not acted on. */
function ofControl(decided: Decided, report: Report) {
  const { message, context, decision } = decided
  const saga = decided.state as SagaState | undefined
  const isOpen = saga?.status === 'RUNNING' || saga?.status === 'COMPENSATING' || saga?.status === 'STUCK'
  if (!saga || !isOpen) return
  const isWakeUp = message.type === 'SagaWakeUp'
  const isStale = message.body['version'] !== context.version
  if (decision.kind === 'commit') {
    const { timeline: _, updatedAt: __, ...before } = saga
    const { timeline: ___, updatedAt: ____, ...after } = decision.state as SagaState
    if (isStale && (isWakeUp || !isDeepStrictEqual(after, before)))
      report(
        'control-acts-on-what-it-saw',
        `${named(decided)} is for version ${String(message.body['version'])} and changes ${context.version}`,
        message.sagaId,
      )
  } else if (!isWakeUp)
    report('operators-are-shown', `${named(decided)} leaves no trace at an open saga`, message.sagaId)
  if (isWakeUp && !isStale && saga.status === 'RUNNING' && saga.doing === 'do' && context.now >= saga.deadlineAt) {
    const next = decision.kind === 'commit' ? (decision.state as SagaState) : saga
    if (next.status === 'RUNNING')
      report(
        'deadline-ends-the-step',
        `${message.sagaId} is past its deadline and goes on with ${saga.step}`,
        message.sagaId,
      )
  }
}
