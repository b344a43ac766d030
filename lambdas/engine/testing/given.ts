import type { Aggregate } from '../model/aggregate.ts'
import type { SagaDefinition } from '../saga/definition.ts'
import { type AggregateSettings, type AggregateStory, givenAggregate } from './aggregate-story.ts'
import { givenSaga, type SagaSettings, type SagaStory } from './saga-story.ts'

/**
 * Begins a story: of a service's aggregate in some state (undefined: it does not exist), or of a saga that has not begun.
 * It runs the decisions as the consumer runs them, with their ids, redeliveries and edges, on nothing but memory. What
 * fails throws an AssertionError, so it works under Vitest, node:test and anything else.
 */
export function given(saga: SagaDefinition, settings?: SagaSettings): SagaStory
export function given<State extends object>(
  aggregate: Aggregate<State>,
  state?: NoInfer<State>,
  settings?: AggregateSettings,
): AggregateStory<State>
export function given<State extends object>(
  subject: SagaDefinition | Aggregate<State>,
  second?: State | SagaSettings,
  settings: AggregateSettings = {},
): SagaStory | AggregateStory<State> {
  return 'steps' in subject
    ? givenSaga(subject, second ?? {})
    : givenAggregate(subject, second as State | undefined, settings)
}
