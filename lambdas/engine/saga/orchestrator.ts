/**
 * The orchestrator: what a saga does on each message that it handles. Pure, and the only writer of a saga's state.
 *
 * Replies are matched by the step that waits for them, not by the attempt; a retry sends the same command with the same
 * id; what was done, or may have been, is undone backwards; what cannot go on is STUCK, never silently ended.
 */

import type { Aggregate, Decision } from '../model/aggregate.ts'
import { ConfigurationError } from '../model/errors.ts'
import { controlMessages } from './control-messages.ts'
import type { MessageType } from '../model/messages.ts'
import type { SagaDefinition } from './builder.ts'
import { sagaMeasures } from './measures.ts'
import { onControl } from './on-control.ts'
import { onReply, repliesOf } from './on-reply.ts'
import { forward, historyRow, type Turn } from './transitions.ts'
import { commandsOf, orchestratorOf } from './reactions.ts'
import { isClosed, type SagaState } from './state.ts'
import { sagasTable } from './saga-tables.ts'
import { wakePartition } from './wake-index.ts'

/** The orchestrator of a saga. `older`: earlier versions of the definition that still have running sagas. */
export function orchestrator(current: SagaDefinition, ...older: readonly SagaDefinition[]): Aggregate<SagaState> {
  const versions = new Map([current, ...older].map(definition => [definition.version, definition]))
  const all = [...versions.values()]
  return {
    type: orchestratorOf(current.name),
    table: sagasTable,
    itemKey: id => `${current.name}:${id}`,
    handles: unique([...all.flatMap(handledBy), ...controlMessages]),
    publishes: unique(all.flatMap(commandsOf)),
    notices: new Set(
      all
        .flatMap(commandsOf)
        .filter(command => command.done.length === 0)
        .map(command => command.type),
    ),
    measures: (before, after) => sagaMeasures(versions.get(after.definition) ?? current, before, after),
    indexed: (state, id) => ({ wakePartition: wakePartition(current.name, state.status, id), wakeAt: state.wakeAt }),
    decide(state, message, context) {
      if (message.control && message.body['saga'] !== current.name)
        return { kind: 'ignore', why: 'it is for another saga' }
      const definition = state ? versions.get(state.definition) : current
      if (!definition)
        throw new ConfigurationError(
          `saga ${current.name} ${message.sagaId} runs version ${state?.definition}, which is not deployed any more: deploy it beside the new one`,
          { code: 'SAGA_VERSION', sagaId: message.sagaId },
        )
      const turn: Turn = { definition, message, context }
      if (message.type === definition.startsWith.type && !message.control)
        return state ? { kind: 'ignore', why: 'the saga has begun already' } : begin(turn)
      if (!state)
        return message.type === definition.joins?.with.type && !message.control
          ? begin(turn, definition.joins.at)
          : { kind: 'ignore', why: 'no saga waits for it' }
      if (message.control)
        return isClosed(state) ? { kind: 'ignore', why: `the saga is ${state.status}` } : onControl(turn, state)
      return onReply(turn, state)
    },
  }
}

function begin(turn: Turn, at?: string): Decision<SagaState> {
  const { definition, message, context } = turn
  const { [definition.key]: _, ...data } = message.body
  const fresh: SagaState = {
    definition: definition.version,
    status: 'RUNNING',
    step: '',
    doing: 'do',
    data,
    attempt: 0,
    deadlineAt: context.now + definition.deadlineSeconds * 1000,
    wakeAt: Number.POSITIVE_INFINITY,
    startedAt: context.now,
    updatedAt: context.now,
    timeline: '[]',
  }
  const from = at === undefined ? 0 : definition.steps.findIndex(step => step.name === at)
  return forward(turn, fresh, from, historyRow(turn, definition.history?.started))
}

const unique = <M extends MessageType>(messages: readonly M[]): M[] => [
  ...new Map(messages.map(message => [message.type, message])).values(),
]

const handledBy = (definition: SagaDefinition): MessageType[] => [
  definition.startsWith,
  ...(definition.joins ? [definition.joins.with] : []),
  ...repliesOf(definition),
]
