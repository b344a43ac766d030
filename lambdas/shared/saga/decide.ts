/**
 * The orchestrator: what a saga does on each message that it hears. Pure, and the only writer of a saga's state.
 *
 * Replies are matched by the step that waits for them, not by the attempt; a retry says the same command with the same
 * id; what was done, or may have been, is undone backwards; what cannot go on is STUCK, never silently ended.
 */
import type { Aggregate, Decision, Heard, Said, Seen } from '../aggregate.ts'
import { controlMessages } from '../messaging/control.ts'
import type { Message } from '../messaging/contract.ts'
import type { Item, Row } from '../ports.ts'
import { shardOf } from '../shard.ts'
import type { SagaDefinition, Step, Undo } from './define.ts'
import { type Doing, noted, type SagaState, type SagaStatus, shortId, vocabularyOf } from './state.ts'
import { sagasTable } from './tables.ts'

export const TIMED_OUT = 'TIMED_OUT'
export const ABORTED_BY_OPERATOR = 'ABORTED'
/** Closed sagas are remembered longer than any dead letter can come back. */
const CLOSED_KEPT_SECONDS = 90 * 24 * 3600
/** Partitions of the index for each saga and status: enough that none is hot. */
export const WAKE_SHARDS = 8

/** The orchestrator of a saga. `older`: earlier versions of the definition that still have running sagas. */
export function orchestrator(current: SagaDefinition, ...older: readonly SagaDefinition[]): Aggregate<SagaState> {
  const versions = new Map([current, ...older].map(definition => [definition.version, definition]))
  const all = [...versions.values()]
  return {
    type: `${current.name}-saga`,
    table: sagasTable,
    itemKey: id => `${current.name}:${id}`,
    hears: unique([...all.flatMap(heardBy), ...controlMessages]),
    says: unique(all.flatMap(saidBy)),
    notices: new Set(
      all
        .flatMap(saidBy)
        .filter(command => command.done.length === 0)
        .map(command => command.type),
    ),
    indexed: (state, id) => ({ wakePartition: wakePartition(current.name, state.status, id), wakeAt: state.wakeAt }),
    decide(state, heard, seen) {
      if (heard.control && heard.body['saga'] !== current.name) return { kind: 'ignore', why: 'it is for another saga' }
      const definition = state ? versions.get(state.definition) : current
      if (!definition)
        throw new Error(
          `saga ${current.name} ${heard.sagaId} runs version ${state?.definition}, which is not deployed any more: deploy it beside the new one`,
        )
      const turn: Turn = { definition, heard, seen }
      if (heard.type === definition.startsWith.type && !heard.control)
        return state ? { kind: 'ignore', why: 'the saga has begun already' } : begin(turn)
      if (!state) return { kind: 'ignore', why: 'no saga waits for it' }
      if (state.status === 'COMPLETED' || state.status === 'ABORTED')
        return { kind: 'ignore', why: `the saga is ${state.status}` }
      return heard.control ? controlled(turn, state) : replied(turn, state)
    },
  }
}

/** One message at one saga. */
interface Turn {
  readonly definition: SagaDefinition
  readonly heard: Heard
  readonly seen: Seen
}

function begin(turn: Turn): Decision<SagaState> {
  const { definition, heard, seen } = turn
  const { [definition.key]: _, ...data } = heard.body
  const fresh: SagaState = {
    definition: definition.version,
    status: 'RUNNING',
    step: '',
    doing: 'do',
    data,
    attempt: 0,
    deadlineAt: seen.now + definition.deadlineSeconds * 1000,
    wakeAt: Number.POSITIVE_INFINITY,
    startedAt: seen.now,
    updatedAt: seen.now,
    timeline: '[]',
  }
  return forward(turn, fresh, 0, historyRow(turn, definition.history?.started))
}

/** A reply, if it is one that the saga waits for. */
function replied(turn: Turn, state: SagaState): Decision<SagaState> {
  const { definition, heard } = turn
  const { type, body } = heard
  const view = { ...body, [definition.key]: heard.sagaId }
  if (state.doing === 'abort')
    return types(definition.abort?.command.done).includes(type) ? ended(turn, state, 'ABORTED') : notAwaited(state)
  const i = definition.steps.findIndex(step => step.name === state.step)
  const step = definition.steps[i]
  if (!step)
    throw new Error(
      `saga ${definition.name} ${heard.sagaId} is at a step that version ${definition.version} does not have: ${state.step}`,
    )
  if (state.doing === 'undo')
    return types(step.undo?.command.done).includes(type) ? backward(turn, state, i - 1) : notAwaited(state)
  if (state.doing === 'settle')
    return types(step.settle?.command.done).includes(type) ? backward(turn, state, i - 1) : notAwaited(state)

  const adds = step.done[type]
  if (adds)
    return forward(turn, { ...state, data: { ...state.data, ...plain(adds(view, viewOf(turn, state))) } }, i + 1)
  const why = step.refused[type]
  if (why) {
    const refused = { ...state, reason: why(view, viewOf(turn, state)) }
    if (step.undo?.onItsOwnAfter.includes(type)) return waitForUndo(turn, refused, step, step.undo)
    return backward(turn, refused, step.undo?.evenIfRefused ? i : i - 1)
  }
  // The service undid it before it was heard to refuse it: refused and undone in one.
  if (step.undo && types(step.undo.command.done).includes(type))
    return backward(
      turn,
      { ...state, reason: typeof body['reason'] === 'string' ? body['reason'] : 'CANCELLED' },
      i - 1,
    )
  return notAwaited(state)
}

/** A deadline or an operator. */
function controlled(turn: Turn, state: SagaState): Decision<SagaState> {
  const { heard, seen } = turn
  const { type, body } = heard
  const aimedAt = body['version']
  if (type === 'SagaWakeUp') {
    if (aimedAt !== seen.version)
      return { kind: 'ignore', why: `it is for version ${String(aimedAt)}, the saga is at ${seen.version}` }
    return state.status === 'STUCK' ? { kind: 'ignore', why: 'the saga is STUCK' } : woken(turn, state)
  }
  if (aimedAt !== seen.version) return note(turn, state)
  if (type === 'SagaRetry')
    return state.asked === undefined && state.attempt > 0 ? note(turn, state) : askAgain(turn, state, 1)
  if (type === 'SagaAbort')
    return canAbort(turn.definition, state) ? gaveUp(turn, state, ABORTED_BY_OPERATOR) : note(turn, state)
  return resolved(turn, state)
}

/** An operator may abort while nothing final was done: at a step, or at a pivot that can be settled. */
export function canAbort(definition: SagaDefinition, state: Pick<SagaState, 'doing' | 'step'>): boolean {
  const step = definition.steps.find(step => step.name === state.step)
  return state.doing === 'do' && (step?.kind === 'step' || (step?.kind === 'pivot' && step.settle !== undefined))
}

/** The operator says what the missing reply was. */
function resolved(turn: Turn, state: SagaState): Decision<SagaState> {
  const { definition, heard } = turn
  const asked = askedOf(definition, state)
  const options = heard.body['outcome'] === 'refused' ? asked.command.refused : asked.command.done
  const given = (heard.body['reply'] ?? {}) as Record<string, unknown>
  const reply = options.find(option => option.type === given['type']) ?? options[0]
  if (!reply) return note(turn, state)
  let body: Record<string, unknown>
  try {
    body = reply.schema.parse(given['data'] ?? given) as Record<string, unknown>
  } catch {
    return note(turn, state)
  }
  return replied({ ...turn, heard: { ...heard, type: reply.type, body } }, state)
}

/** Whether it is really late is decided here: the index may be earlier than what is due (one lazy wake-up a saga). */
function woken(turn: Turn, state: SagaState): Decision<SagaState> {
  const { definition, seen } = turn
  const { now } = seen
  const late = state.dueAt !== undefined && now >= state.dueAt
  if (state.doing === 'do' && now >= state.deadlineAt) return gaveUp(turn, state, TIMED_OUT)
  if (!late) {
    const due = dueFirst(state)
    return due === state.wakeAt
      ? { kind: 'ignore', why: 'nothing is late' }
      : committed(turn, { ...state, wakeAt: due }, [], [], false)
  }
  if (state.attempt < askedOf(definition, state).attemptsMax) return askAgain(turn, state, state.attempt + 1)
  return state.doing === 'do' ? gaveUp(turn, state, TIMED_OUT) : stuck(turn, state)
}

/** The step will not be waited for any longer. What it did is unknown, so it is undone, or settled, or a person is asked. */
function gaveUp(turn: Turn, state: SagaState, reason: string): Decision<SagaState> {
  const i = turn.definition.steps.findIndex(step => step.name === state.step)
  const step = turn.definition.steps[i]
  if (step?.kind === 'step') return backward(turn, { ...state, reason }, i)
  if (step?.kind === 'pivot' && step.settle) return ask(turn, { ...state, reason }, 'settle', step, step.settle, [], [])
  return stuck(turn, state)
}

/** On to step `from`; past the last one the saga is completed. Commands that nobody answers are said on the way. */
function forward(turn: Turn, state: SagaState, from: number, rows: readonly Row[] = []): Decision<SagaState> {
  const notices: Said[] = []
  for (const step of turn.definition.steps.slice(from)) {
    if (step.command.done.length > 0) return ask(turn, state, 'do', step, step, notices, rows)
    notices.push(said(turn, step.command, step.send(viewOf(turn, state))))
  }
  return ended(turn, state, 'COMPLETED', notices, rows)
}

/** Back from step `from`, undoing whatever can be undone; then whoever began the saga is told. */
function backward(turn: Turn, state: SagaState, from: number): Decision<SagaState> {
  const { definition } = turn
  const notices: Said[] = []
  for (const step of definition.steps.slice(0, from + 1).toReversed()) {
    if (!step.undo) continue
    if (step.undo.command.done.length > 0) return ask(turn, state, 'undo', step, step.undo, notices, [])
    notices.push(said(turn, step.undo.command, step.undo.send(viewOf(turn, state))))
  }
  const rows = historyRow(turn, definition.history?.aborting)
  if (!definition.abort) return ended(turn, state, 'ABORTED', notices, rows)
  if (definition.abort.command.done.length > 0)
    return ask(turn, state, 'abort', definition.abort, definition.abort, notices, rows)
  return ended(
    turn,
    state,
    'ABORTED',
    [...notices, said(turn, definition.abort.command, definition.abort.send(viewOf(turn, state)))],
    rows,
  )
}

interface Asked extends Undo {
  readonly name?: string
}

/** Sends a step's command and waits for its reply. */
function ask(
  turn: Turn,
  state: SagaState,
  doing: Doing,
  step: { readonly name: string },
  how: Pick<Asked, 'command' | 'send' | 'withinSeconds'>,
  notices: readonly Said[],
  rows: readonly Row[],
): Decision<SagaState> {
  const { seen } = turn
  const [version, n] = seen.next
  const next: SagaState = {
    ...state,
    status: doing === 'do' ? 'RUNNING' : 'COMPENSATING',
    step: step.name,
    doing,
    asked: [version, n + notices.length],
    attempt: 1,
    dueAt: seen.now + how.withinSeconds * 1000,
  }
  return committed(
    turn,
    awake(next, state),
    [...notices, said(turn, how.command, how.send(viewOf(turn, state)))],
    rows,
    true,
  )
}

/** The service undoes it unasked: it is asked only when that is late. */
function waitForUndo(turn: Turn, state: SagaState, step: Step, undo: Undo): Decision<SagaState> {
  const { asked: _, ...rest } = state
  const next: SagaState = {
    ...rest,
    status: 'COMPENSATING',
    step: step.name,
    doing: 'undo',
    attempt: 0,
    dueAt: turn.seen.now + undo.withinSeconds * 1000,
  }
  return committed(turn, awake(next, state), [], [], true)
}

/** The same command once more, with the id that it had (rule 3). */
function askAgain(turn: Turn, state: SagaState, attempt: number): Decision<SagaState> {
  const { definition, seen } = turn
  const how = askedOf(definition, state)
  const asked = state.asked ?? seen.next
  const next: SagaState = {
    ...state,
    status: state.doing === 'do' ? 'RUNNING' : 'COMPENSATING',
    asked,
    attempt,
    dueAt: seen.now + how.withinSeconds * 1000,
  }
  return committed(
    turn,
    awake(next, state),
    [{ ...said(turn, how.command, how.send(viewOf(turn, state))), as: asked }],
    [],
    false,
  )
}

/** Nobody is asked any more until an operator says so; a late reply is still taken. */
function stuck(turn: Turn, state: SagaState): Decision<SagaState> {
  const { dueAt: _, ...rest } = state
  return committed(turn, { ...rest, status: 'STUCK', wakeAt: turn.seen.now }, [], [], false)
}

function ended(
  turn: Turn,
  state: SagaState,
  status: 'COMPLETED' | 'ABORTED',
  notices: readonly Said[] = [],
  rows: readonly Row[] = [],
): Decision<SagaState> {
  const { now } = turn.seen
  const { asked: _asked, dueAt: _dueAt, ...rest } = state
  const closed: SagaState = { ...rest, status, wakeAt: now, expiresAt: Math.floor(now / 1000) + CLOSED_KEPT_SECONDS }
  const last = status === 'COMPLETED' ? historyRow(turn, turn.definition.history?.completed) : []
  return committed(turn, closed, notices, [...rows, ...last], true)
}

/** An operator's action that came too late, or is not allowed here: shown, and nothing else. */
const note = (turn: Turn, state: SagaState): Decision<SagaState> => committed(turn, state, [], [], false)

function committed(
  turn: Turn,
  state: SagaState,
  send: readonly Said[],
  rows: readonly Row[],
  leavesStep: boolean,
): Decision<SagaState> {
  const { definition, heard, seen } = turn
  const what = vocabularyOf(definition).indexOf(heard.type)
  const entry = [
    seen.now - state.startedAt,
    what === -1 || heard.control ? heard.type : what,
    shortId(heard.id, heard.sagaId),
    placeOf(definition, state),
  ] as const
  return {
    kind: 'commit',
    state: { ...state, updatedAt: seen.now, timeline: noted(state.timeline, entry) },
    send,
    rows,
    leavesStep,
  }
}

/** `d0` doing the first step, `u0` undoing it, `s1` settling the second, `a` telling of the abort, then the status. */
function placeOf(definition: SagaDefinition, state: SagaState): string {
  if (state.status !== 'RUNNING' && state.status !== 'COMPENSATING') return state.status
  const index = definition.steps.findIndex(step => step.name === state.step)
  return state.doing === 'abort' ? 'a' : `${state.doing[0]}${index}`
}

/** Keeps the saga's place in the index while that is early enough: moving it costs two write units. */
function awake(next: SagaState, before: SagaState): SagaState {
  const due = dueFirst(next)
  return next.status === before.status && before.wakeAt <= due ? next : { ...next, wakeAt: due }
}

const dueFirst = (state: SagaState) =>
  state.doing === 'do'
    ? Math.min(state.dueAt ?? Number.POSITIVE_INFINITY, state.deadlineAt)
    : (state.dueAt ?? state.deadlineAt)

/** What the saga waits for: the command, how long and how often. */
export function askedOf(
  definition: SagaDefinition,
  state: Pick<SagaState, 'doing' | 'step'>,
): Pick<Undo, 'command' | 'send' | 'withinSeconds' | 'attemptsMax'> {
  const step = definition.steps.find(step => step.name === state.step)
  const asked = { do: step, undo: step?.undo, settle: step?.settle, abort: definition.abort }[state.doing]
  if (!asked)
    throw new Error(
      `saga ${definition.name} version ${definition.version} has nothing to ${state.doing} at ${state.step}`,
    )
  return asked
}

/** What definitions' functions see: the saga's key, the starting event, what the replies added, and why it is undone. */
const viewOf = ({ definition, heard }: Turn, state: SagaState): Record<string, unknown> => ({
  ...state.data,
  [definition.key]: heard.sagaId,
  ...(state.reason !== undefined && { abortedBecause: state.reason }),
})

/** A command whose aggregate is not the saga's own names the saga beside it. */
const said = ({ heard }: Turn, message: Message, body: Record<string, unknown>): Said => ({
  message,
  body: plain(message.sagaField === message.idField ? body : { ...body, [message.sagaField]: heard.sagaId }),
})

function historyRow({ definition, heard, seen }: Turn, status: string | undefined): Row[] {
  if (!definition.history || status === undefined) return []
  const key = { [definition.key]: heard.sagaId, status }
  const item: Item = { ...key, at: new Date(seen.now).toISOString() }
  return [{ ref: { table: definition.history.table, key }, item }]
}

const notAwaited = (state: SagaState): Decision<SagaState> => ({
  kind: 'ignore',
  why: `not what ${state.doing} ${state.step} waits for`,
})
const types = (messages: readonly Message[] | undefined) => (messages ?? []).map(message => message.type)
/** Without fields that are undefined: a table has no such thing. */
const plain = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
const unique = <M extends Message>(messages: readonly M[]): M[] => [
  ...new Map(messages.map(message => [message.type, message])).values(),
]

const commandsOf = ({ steps, abort }: SagaDefinition) =>
  [...steps.flatMap(step => [step.command, step.undo?.command, step.settle?.command]), abort?.command].filter(
    command => command !== undefined,
  )
const heardBy = (definition: SagaDefinition): Message[] => [
  definition.startsWith,
  ...commandsOf(definition).flatMap(command => [...command.done, ...command.refused]),
]
const saidBy = (definition: SagaDefinition) => commandsOf(definition)

/** Where the sweeper finds what is due, and a search finds sagas by status. */
export function wakePartition(saga: string, status: SagaStatus, id: string): string {
  return wakePartitionOf(saga, status, shardOf(id, WAKE_SHARDS))
}
export const wakePartitionOf = (saga: string, status: SagaStatus, shard: number) => `${saga}#${status}#${shard}`
