/** `given(orderSaga).started(…).replied(…).after(seconds(61)).thenSends(…)`: a saga as the protocol that it is. */
import { AssertionError } from 'node:assert'
import type { BatchDecision } from '../delivery/batch-decision.ts'
import type { Message } from '../model/aggregate.ts'
import type { Event, MessageType } from '../model/messages.ts'
import { SagaAbort, SagaResolve, SagaRetry, SagaWakeUp } from '../saga/control-messages.ts'
import type { Duration, SagaDefinition } from '../saga/definition.ts'
import { orchestrator } from '../saga/orchestrator.ts'
import { isClosed, type SagaState, type SagaStatus } from '../saga/state.ts'
import { wakeUpRecord } from '../saga/sweeper.ts'
import { expectationsOf, expectNothing, expectSame, expectState, lastStep } from './expectations.ts'
import { asReceived, type BodyOf, message as messageOf, received, type TestMessage } from './messages.ts'
import { batchTo, type Delivery, deliver, messageTo, NOTHING, type Scene, STARTS_AT } from './scene.ts'

export interface SagaSettings {
  /** Default: `s1`. */
  readonly sagaId?: string
  /** Versions of the definition that still have running sagas. */
  readonly older?: readonly SagaDefinition[]
  /** Milliseconds since 1970. Default: the first of January 2026, UTC. */
  readonly now?: number
}

export interface OperatorAction {
  readonly reason?: string
  readonly by?: string
  /** The version of the saga that the operator saw. Default: the present one. */
  readonly version?: number
}

export interface Resolution extends OperatorAction {
  readonly outcome: 'done' | 'refused'
  /** The data of the missing reply, or `{ type, data }`. */
  readonly reply?: Readonly<Record<string, unknown>>
}

/** What can happen next. Each step leaves the story before it as it is, so two may begin alike. */
export interface SagaStory {
  /** The event that begins it. `on`: the version of the definition that was the latest then. */
  started<E extends Event>(event: E, body: BodyOf<E>, options?: { readonly on?: number }): SagaOutcome
  /** A participant replies; the reply names the command that it answers, unless `causedBy` says otherwise. */
  replied<E extends Event>(event: E, body: BodyOf<E>, delivery?: Delivery): SagaOutcome
  /** Several in one batch: one commit. */
  together(...messages: readonly TestMessage[]): SagaOutcome
  /** Time passes; then deadlines are looked at once, as by a sweeper that was late. `sweep: false`: they are not. */
  after(duration: Duration, options?: { readonly sweep?: boolean }): SagaOutcome
  /** A wake-up comes. `version`: the one that its sender saw; the present one unless given. */
  wokenUp(options?: { readonly version?: number }): SagaOutcome
  operator(action: 'retry' | 'abort', details?: OperatorAction): SagaOutcome
  operator(action: 'resolve', details: Resolution): SagaOutcome
}

/** What came of the last step. Every expectation is exact, and gives the outcome back. */
export interface SagaOutcome extends SagaStory {
  /** The last delivery comes once more; or the last message of this type, which may be older. */
  again(message?: MessageType): SagaOutcome
  /** This message and no other. Without a body: whatever it holds. `id`: a retry has the id of what it repeats. */
  thenSends<M extends MessageType>(message: M, body?: BodyOf<M>, options?: { readonly id?: string }): SagaOutcome
  /** These messages in this order, and no others: `thenSendsAll(message(c.X, {…}), message(c.Y, {…}))`. */
  thenSendsAll(...messages: readonly TestMessage[]): SagaOutcome
  thenSendsNothing(): SagaOutcome
  /** These statuses in its history, and no others in this step. */
  thenWrites(...statuses: readonly string[]): SagaOutcome
  /** These fields of the state that is kept now. */
  thenState(fields: Partial<SagaState>): SagaOutcome
  /** It is acknowledged and changes nothing. */
  thenIgnores(why?: string): SagaOutcome
  /** Nothing is committed or sent, and nobody is alarmed. */
  thenNothingHappened(): SagaOutcome
  /** The message tells of an effect that the saga does not count on: an operator is alarmed. */
  thenAlarms(): SagaOutcome
  thenAlarmsNobody(): SagaOutcome
  /** It has ended as it should. */
  completed(): SagaOutcome
  /** It has ended, and all that was done is undone. `because`: the reason that it was aborted for. */
  rolledBack(because?: string): SagaOutcome
  /** It waits for an operator. */
  stuck(): SagaOutcome
  /** For what has no expectation of its own. */
  readonly state: SagaState | undefined
  readonly decision: BatchDecision<SagaState>
}

/** The saga's definitions beside what has happened. */
interface SagaScene extends Scene<SagaState> {
  readonly definitions: readonly [SagaDefinition, ...SagaDefinition[]]
}

export function givenSaga(
  definition: SagaDefinition,
  { sagaId = 's1', older = [], now = STARTS_AT }: SagaSettings,
): SagaStory {
  const aggregate = orchestrator(definition, ...older)
  const definitions = [definition, ...older] as const
  return storyOf({ aggregate, sagaId, stored: undefined, now, items: {}, stream: [], steps: [], definitions })
}

function storyOf(scene: SagaScene): SagaStory {
  const { aggregate, definitions, sagaId, stored, now } = scene
  const [{ name }] = definitions
  const next = (delivered: readonly Message[], what: string) =>
    outcomeOf({ ...scene, ...deliver<SagaState>(scene, delivered, { what }) })
  const control = (type: MessageType, body: Readonly<Record<string, unknown>>) => {
    const sender = { id: `c${scene.steps.length + 1}`, sagaId, causationId: undefined, time: now, source: 'the test' }
    const seen = { sagaId, saga: name, version: stored?.version ?? 0 }
    return next([asReceived(type, { ...seen, ...defined(body) }, sender)], type.type)
  }
  const wakeUp = (version: number, at: SagaScene) =>
    received(SagaWakeUp, wakeUpRecord({ saga: name, id: sagaId, version, now: at.now }, 'test'), 'the sweeper')

  return {
    started(event, body, { on } = {}) {
      const running = on === undefined ? aggregate : orchestratorOn(scene, on)
      const given = messageTo(scene, messageOf(event, body))
      const began = deliver({ ...scene, aggregate: running }, [given], { what: event.type })
      return outcomeOf({ ...scene, ...began, aggregate })
    },
    replied: (event, body, delivery = {}) =>
      next([messageTo(scene, messageOf(event, body, delivery), delivery)], event.type),
    together(...messages) {
      const { delivered, what } = batchTo(scene, messages)
      return next(delivered, what)
    },
    after({ seconds }, { sweep = true } = {}) {
      const later = { ...scene, now: now + seconds * 1000 }
      const what = `after ${seconds} s`
      const isDue =
        stored && !isClosed(stored.state) && stored.state.status !== 'STUCK' && stored.state.wakeAt <= later.now
      if (!sweep || !isDue)
        return outcomeOf({ ...later, steps: [...scene.steps, { what, delivered: [], decision: NOTHING }] })
      return outcomeOf({ ...later, ...deliver<SagaState>(later, [wakeUp(stored.version, later)], { what }) })
    },
    wokenUp: ({ version = stored?.version ?? 0 } = {}) => next([wakeUp(version, scene)], 'a wake-up'),
    operator: (action: 'retry' | 'abort' | 'resolve', details: OperatorAction = {}) =>
      control({ retry: SagaRetry, abort: SagaAbort, resolve: SagaResolve }[action], { ...details }),
  }
}

function outcomeOf(scene: SagaScene): SagaOutcome {
  const { what, delivered, decision } = lastStep(scene)
  const isAlarmed = decision.fates.some(({ unexpected }) => unexpected)
  const expectStatus = (status: SagaStatus, because: string | undefined, caller: (...args: never[]) => unknown) => {
    expectState(scene, { status, ...(because !== undefined && { reason: because }) }, caller)
    return outcome
  }
  const { only, all, none, ...shared } = expectationsOf(scene, () => outcome)
  const outcome: SagaOutcome = {
    ...storyOf(scene),
    ...shared,
    state: scene.stored?.state,
    decision,
    again(message) {
      const messages = message ? [deliveredBefore(scene, message)] : delivered
      return outcomeOf({
        ...scene,
        ...deliver<SagaState>(scene, messages, { what: `${message?.type ?? what} again` }),
      })
    },
    thenSends: only,
    thenSendsAll: all,
    thenSendsNothing: none,
    thenWrites(...statuses) {
      const actual = decision.effects.rows.map(({ item }) => item['status'])
      expectSame(scene, 'its history should get other rows:', actual, statuses, outcome.thenWrites)
      return outcome
    },
    thenNothingHappened() {
      expectNothing(scene, outcome.thenNothingHappened)
      return outcome.thenAlarmsNobody()
    },
    thenAlarms() {
      expectSame(scene, 'an operator should be alarmed:', isAlarmed, true, outcome.thenAlarms)
      return outcome
    },
    thenAlarmsNobody() {
      expectSame(scene, 'nobody should be alarmed:', isAlarmed, false, outcome.thenAlarmsNobody)
      return outcome
    },
    completed: () => expectStatus('COMPLETED', undefined, outcome.completed),
    rolledBack: because => expectStatus('ABORTED', because, outcome.rolledBack),
    stuck: () => expectStatus('STUCK', undefined, outcome.stuck),
  }
  return outcome
}

function orchestratorOn({ definitions: [current, ...older] }: SagaScene, version: number) {
  const [latest, ...others] = [current, ...older].filter(definition => definition.version <= version)
  if (latest?.version !== version)
    throw new AssertionError({
      message: `${current.name} has no version ${version} here: list it in \`older\` of given(${current.name}, { older: […] })`,
    })
  return orchestrator(latest, ...others)
}

function deliveredBefore({ steps }: SagaScene, { type }: MessageType): Message {
  const found = steps.flatMap(({ delivered }) => delivered).findLast(message => message.type === type)
  if (!found) throw new AssertionError({ message: `no ${type} was delivered before` })
  return found
}

const defined = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
