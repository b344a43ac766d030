/** The moves of a saga: each gives its next state and what that causes. Pure. */
import type { Decision, Message, OutgoingMessage, DecisionContext } from '../model/aggregate.ts'
import type { MessageType } from '../model/messages.ts'
import { senderIdOf } from '../delivery/message-identity.ts'
import type { Item, Row } from '../model/ports.ts'
import type { SagaDefinition, Step, Undo } from './builder.ts'
import { patience } from './patience.ts'
import { type Doing, noted, type SagaState, shortId, vocabularyOf } from './state.ts'

/** Closed sagas are remembered longer than any dead letter can come back. */
const CLOSED_KEPT_SECONDS = 90 * 24 * 3600

/** One message at one saga. */
export interface Turn {
  readonly definition: SagaDefinition
  readonly message: Message
  readonly context: DecisionContext
  /** The message is the missing reply as an operator reports it: the action that reports it. */
  readonly action?: Message
}

/** On to step `from`; past the last one the saga is completed. Commands that nobody answers are sent on the way. */
export function forward(turn: Turn, state: SagaState, from: number, rows: readonly Row[] = []): Decision<SagaState> {
  const notices: OutgoingMessage[] = []
  for (const step of turn.definition.steps.slice(from)) {
    if (step.command.done.length > 0) return sendCommand(turn, state, 'do', step, step, notices, rows)
    notices.push(commandMessage(turn, step.command, step.send(viewOf(turn, state))))
  }
  return ended(turn, state, 'COMPLETED', notices, rows)
}

/** Back from step `from`, undoing whatever can be undone; then whoever began the saga is notified. */
export function backward(turn: Turn, state: SagaState, from: number): Decision<SagaState> {
  const { definition } = turn
  const notices: OutgoingMessage[] = []
  for (const step of definition.steps.slice(0, from + 1).toReversed()) {
    if (!step.undo) continue
    if (step.undo.command.done.length > 0) return sendCommand(turn, state, 'undo', step, step.undo, notices, [])
    notices.push(commandMessage(turn, step.undo.command, step.undo.send(viewOf(turn, state))))
  }
  const rows = historyRow(turn, definition.history?.aborting)
  if (!definition.abort) return ended(turn, state, 'ABORTED', notices, rows)
  if (definition.abort.command.done.length > 0)
    return sendCommand(turn, state, 'abort', definition.abort, definition.abort, notices, rows)
  return ended(
    turn,
    state,
    'ABORTED',
    [...notices, commandMessage(turn, definition.abort.command, definition.abort.send(viewOf(turn, state)))],
    rows,
  )
}

interface PendingCommand extends Undo {
  readonly name?: string
}

/** Sends a step's command and waits for its reply. */
export function sendCommand(
  turn: Turn,
  state: SagaState,
  doing: Doing,
  step: { readonly name: string },
  how: Pick<PendingCommand, 'command' | 'send' | 'withinSeconds'>,
  notices: readonly OutgoingMessage[],
  rows: readonly Row[],
): Decision<SagaState> {
  const { context } = turn
  const [version, n] = context.next
  const next: SagaState = {
    ...state,
    status: doing === 'do' ? 'RUNNING' : 'COMPENSATING',
    step: step.name,
    doing,
    pendingId: [version, n + notices.length],
    attempt: 1,
    dueAt: context.now + how.withinSeconds * 1000,
  }
  return committed(
    turn,
    withWakeUp(next, state),
    [...notices, commandMessage(turn, how.command, how.send(viewOf(turn, state)))],
    rows,
    true,
  )
}

/** The service undoes it on its own: the command is sent only when that is late. */
export function waitForUndo(turn: Turn, state: SagaState, step: Step, undo: Undo): Decision<SagaState> {
  const { pendingId: _, ...rest } = state
  const next: SagaState = {
    ...rest,
    status: 'COMPENSATING',
    step: step.name,
    doing: 'undo',
    attempt: 0,
    dueAt: turn.context.now + undo.withinSeconds * 1000,
  }
  return committed(turn, withWakeUp(next, state), [], [], true)
}

/** The same command once more, with the id that it had (rule 3). */
export function retryCommand(turn: Turn, state: SagaState, attempt: number): Decision<SagaState> {
  const { definition, context } = turn
  const how = pendingCommand(definition, state)
  const pending = state.pendingId ?? context.next
  const next: SagaState = {
    ...state,
    status: state.doing === 'do' ? 'RUNNING' : 'COMPENSATING',
    pendingId: pending,
    attempt,
    dueAt: context.now + how.withinSeconds * 1000 * patience(state, attempt),
  }
  return committed(
    turn,
    withWakeUp(next, state),
    [{ ...commandMessage(turn, how.command, how.send(viewOf(turn, state))), as: pending }],
    [],
    false,
  )
}

/** Nothing is sent any more until an operator acts; a late reply is still taken. */
export function stuck(turn: Turn, state: SagaState): Decision<SagaState> {
  const { dueAt: _, ...rest } = state
  return committed(turn, { ...rest, status: 'STUCK', wakeAt: turn.context.now }, [], [], false)
}

export function ended(
  turn: Turn,
  state: SagaState,
  status: 'COMPLETED' | 'ABORTED',
  notices: readonly OutgoingMessage[] = [],
  rows: readonly Row[] = [],
): Decision<SagaState> {
  const { now } = turn.context
  const { pendingId: _asked, dueAt: _dueAt, ...rest } = state
  const closed: SagaState = { ...rest, status, wakeAt: now, expiresAt: Math.floor(now / 1000) + CLOSED_KEPT_SECONDS }
  const last = status === 'COMPLETED' ? historyRow(turn, turn.definition.history?.completed) : []
  return committed(turn, closed, notices, [...rows, ...last], true)
}

/** An operator's action that came too late, or is not allowed here: shown, and nothing else. */
export const note = (turn: Turn, state: SagaState): Decision<SagaState> => committed(turn, state, [], [], false)

export function committed(
  turn: Turn,
  state: SagaState,
  send: readonly OutgoingMessage[],
  rows: readonly Row[],
  leavesStep: boolean,
): Decision<SagaState> {
  const { definition, context } = turn
  const message = turn.action ?? turn.message
  const what = vocabularyOf(definition).indexOf(message.type)
  const entry = [
    context.now - state.startedAt,
    what === -1 || message.control ? message.type : what,
    shortId(senderIdOf(message.id), message.sagaId),
    placeOf(definition, state),
    ...whoAndWhy(message),
  ] as const
  return {
    kind: 'commit',
    state: { ...state, updatedAt: context.now, timeline: noted(state.timeline, entry) },
    publish: send,
    rows,
    leavesStep,
  }
}

/** Characters of an operator's reason that a timeline keeps; the action's own item has all of it. */
const REASON_KEPT = 200

/** Of an operator's action: others have no author. */
function whoAndWhy({ control, body }: Message): [] | [by: string, reason: string] {
  const { by, reason } = body
  if (!control || typeof by !== 'string') return []
  return [by, typeof reason === 'string' ? reason.slice(0, REASON_KEPT) : '']
}

/** `d0` doing the first step, `u0` undoing it, `s1` settling the second, `a` telling of the abort, then the status. */
export function placeOf(definition: SagaDefinition, state: Pick<SagaState, 'status' | 'step' | 'doing'>): string {
  if (state.status !== 'RUNNING' && state.status !== 'COMPENSATING') return state.status
  const index = definition.steps.findIndex(step => step.name === state.step)
  return state.doing === 'abort' ? 'a' : `${state.doing[0]}${index}`
}

/** Keeps the saga's place in the index while that is early enough: moving it costs two write units. */
function withWakeUp(next: SagaState, before: SagaState): SagaState {
  const due = dueFirst(next)
  return next.status === before.status && before.wakeAt <= due ? next : { ...next, wakeAt: due }
}

export const dueFirst = (state: SagaState) =>
  state.doing === 'do'
    ? Math.min(state.dueAt ?? Number.POSITIVE_INFINITY, state.deadlineAt)
    : (state.dueAt ?? state.deadlineAt)

/** What the saga waits for: the command, how long and how often. */
export function pendingCommand(
  definition: SagaDefinition,
  state: Pick<SagaState, 'doing' | 'step'>,
): Pick<Undo, 'command' | 'send' | 'withinSeconds' | 'attemptsMax'> {
  const step = definition.steps.find(step => step.name === state.step)
  const pending = { do: step, undo: step?.undo, settle: step?.settle, abort: definition.abort }[state.doing]
  if (!pending)
    throw new Error(
      `saga ${definition.name} version ${definition.version} has nothing to ${state.doing} at ${state.step}`,
    )
  return pending
}

/** What definitions' functions see: the saga's key, the starting event, what the replies added, and why it is undone. */
export const viewOf = ({ definition, message }: Turn, state: SagaState): Record<string, unknown> => ({
  ...state.data,
  [definition.key]: message.sagaId,
  ...(state.reason !== undefined && { abortedBecause: state.reason }),
})

/** A command whose aggregate is not the saga's own names the saga beside it. */
const commandMessage = (
  { message }: Turn,
  messageType: MessageType,
  body: Record<string, unknown>,
): OutgoingMessage => ({
  message: messageType,
  body: plain(
    messageType.sagaField === messageType.idField ? body : { ...body, [messageType.sagaField]: message.sagaId },
  ),
})

export function historyRow({ definition, message, context }: Turn, status: string | undefined): Row[] {
  if (!definition.history || status === undefined) return []
  const key = { [definition.key]: message.sagaId, status }
  const item: Item = { ...key, at: new Date(context.now).toISOString() }
  return [{ ref: { table: definition.history.table, key }, item }]
}

/** Without fields that are undefined: a table has no such thing. */
export const plain = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
