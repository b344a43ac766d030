/** What a step is compared with. Each failure says what was expected, the difference, and the story up to it. */
import { AssertionError } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import type { Fate } from '../delivery/batch-decision.ts'
import { PoisonMessageError } from '../model/errors.ts'
import type { MessageType } from '../model/messages.ts'
import { type BodyOf, comparable, message as messageOf, type TestMessage } from './messages.ts'
import type { Scene, Step } from './scene.ts'

type AnyScene = Scene<object>
/** The method of the test: the stack of a failure begins where it was called. */
type Caller = (...args: never[]) => unknown

export const lastStep = <State extends object>({ steps }: Scene<State>): Step<State> => {
  const step = steps.at(-1)
  if (!step) throw new AssertionError({ message: 'nothing has happened yet: deliver a message first' })
  return step
}

export function expectSame(scene: AnyScene, what: string, actual: unknown, expected: unknown, caller: Caller): void {
  if (isDeepStrictEqual(actual, expected)) return
  const difference = new AssertionError({ actual, expected, operator: 'deepStrictEqual' }).message
  throw new AssertionError({
    message: `${what}\n\n${difference}\n\n${storyOf(scene)}\n`,
    actual,
    expected,
    operator: 'deepStrictEqual',
    stackStartFn: caller,
  })
}

/** Exactly these messages, in this order; of each what the expectation names. */
export function expectMessages(scene: AnyScene, expected: readonly TestMessage[], caller: Caller): void {
  const { sent } = lastStep(scene).decision.effects
  const typeOf = (type: string) => scene.aggregate.publishes.find(message => message.type === type)
  const actual = sent.map(({ type, body, id }, i) => {
    const message = typeOf(type)
    return {
      type,
      ...(message && expected[i]?.body !== undefined && { body: comparable(message, body, scene.sagaId) }),
      ...(expected[i]?.id !== undefined && { id }),
    }
  })
  const wanted = expected.map(({ message, body, id }) => ({
    type: message.type,
    ...(body !== undefined && { body: comparable(message, body, scene.sagaId) }),
    ...(id !== undefined && { id }),
  }))
  expectSame(scene, `${scene.aggregate.type} should publish other messages than it does:`, actual, wanted, caller)
}

/** The named fields of the state, as it is kept. */
export function expectState(scene: AnyScene, fields: object, caller: Caller): void {
  const state = (scene.stored?.state ?? {}) as Readonly<Record<string, unknown>>
  const actual = Object.fromEntries(Object.keys(fields).map(field => [field, state[field]]))
  expectSame(scene, `the state of ${scene.aggregate.type} should be another:`, actual, { ...fields }, caller)
}

/** How the last message fared; `why`, if it is given, is the reason. */
export function expectFate(scene: AnyScene, fate: Fate, why: string | undefined, caller: Caller): void {
  const last = lastStep(scene).decision.fates.at(-1)
  // What rules throw as poison goes where a refusal goes.
  const poison = last?.error instanceof PoisonMessageError ? last.error.message : undefined
  const actual = {
    fate: poison === undefined ? last?.fate : 'refused',
    ...(why !== undefined && { why: poison ?? last?.why }),
  }
  const wanted = { fate, ...(why !== undefined && { why }) }
  expectSame(scene, `the last message should be ${fate}:`, actual, wanted, caller)
}

/** No commit, no message, no row, no call: it was ignored, or nothing came. */
export function expectNothing(scene: AnyScene, caller: Caller): void {
  const { decision } = lastStep(scene)
  const { fates, effects, commit, call } = decision
  const actual = {
    fates: fates.map(({ fate }) => fate).filter(fate => fate !== 'ignored'),
    messages: effects.sent.map(({ type }) => type),
    rows: effects.rows.length,
    commits: commit ? 1 : 0,
    calls: call ? [call.call.name] : [],
  }
  const wanted = { fates: [], messages: [], rows: 0, commits: 0, calls: [] }
  expectSame(scene, `nothing should happen in ${scene.aggregate.type}:`, actual, wanted, caller)
}

/** What stories of rules and of sagas expect alike; each gives the outcome back. `only`, `all`, `none`: of messages. */
export function expectationsOf<State extends object, Outcome>(scene: Scene<State>, outcome: () => Outcome) {
  const shared = {
    only<M extends MessageType>(message: M, body?: BodyOf<M>, options?: { readonly id?: string }): Outcome {
      expectMessages(scene, [messageOf(message, body, options)], shared.only)
      return outcome()
    },
    all(...messages: readonly TestMessage[]): Outcome {
      expectMessages(scene, messages, shared.all)
      return outcome()
    },
    none(): Outcome {
      expectMessages(scene, [], shared.none)
      return outcome()
    },
    thenState(fields: Partial<State>): Outcome {
      expectState(scene, fields, shared.thenState)
      return outcome()
    },
    thenIgnores(why?: string): Outcome {
      expectFate(scene, 'ignored', why, shared.thenIgnores)
      return outcome()
    },
    thenNothingHappened(): Outcome {
      expectNothing(scene, shared.thenNothingHappened)
      return outcome()
    },
  }
  return shared
}

/** A line for each step. */
export function storyOf({ aggregate, sagaId, steps }: AnyScene): string {
  const lines = steps.map(({ what, decision }) => {
    const came = [
      ...decision.fates.map(({ fate, why }) => (why === undefined ? fate : `${fate} (${why})`)),
      ...decision.effects.sent.map(({ type }) => type),
      ...decision.effects.rows.map(({ ref }) => `a row of ${ref.table}`),
      ...(decision.call ? [`a call of ${decision.call.call.name}`] : []),
    ]
    return `  ${what}: ${came.join(', ') || 'nothing'}`
  })
  return [`What happened to ${aggregate.type} ${sagaId}:`, ...lines].join('\n')
}
