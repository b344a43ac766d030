/**
 * The test kit, public: `import { given, startDomain } from '#engine/testing'`. `docs/how-to/test-your-rules.md` shows all
 * of it; the simulation (`docs/simulate-your-saga.md`) takes its calls and messages too. It is the topmost room: it may
 * import every other, nothing imports it, and no Lambda bundle holds it.
 */
export { hours, minutes, seconds } from '../saga/durations.ts'
export type { AggregateOutcome, AggregateSettings, AggregateStory } from './aggregate-story.ts'
export { given } from './given.ts'
export { type BodyOf, message, type TestMessage } from './messages.ts'
export type { OperatorAction, Resolution, SagaOutcome, SagaSettings, SagaStory } from './saga-story.ts'
export { type DomainSettings, type RunningDomain, startDomain, type SweepPorts } from './domain.ts'
export { type Answer, type Call, gatewayTo, proxyEvent } from './http-call.ts'
export type { DeadLetterSeen, PublishedMessage } from './published.ts'
