/** One item of one aggregate and what has happened to it: messages in, decisions out, nothing else. Never changed, only followed. */
import { AssertionError } from 'node:assert'
import { added } from '../delivery/alongside.ts'
import type { BatchDecision } from '../delivery/batch-decision.ts'
import { decideBatch } from '../delivery/decide-batch.ts'
import { type Stored, unpackItem } from '../delivery/stored-item.ts'
import type { Aggregate, Message } from '../model/aggregate.ts'
import { PoisonMessageError } from '../model/errors.ts'
import type { Command, MessageType } from '../model/messages.ts'
import type { Alongside, Item, Ref } from '../model/ports.ts'
import { appended } from '../event-store/read-stream.ts'
import { asReceived, type TestMessage } from './messages.ts'

/** When a story begins, unless it says so. */
export const STARTS_AT = Date.UTC(2026, 0, 1)

export interface Step<State> {
  readonly what: string
  /** What was delivered, in one batch. */
  readonly delivered: readonly Message[]
  readonly decision: BatchDecision<State>
}

export interface Scene<State extends object> {
  readonly aggregate: Aggregate<State>
  readonly sagaId: string
  readonly stored: Stored<State> | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  /** The other items that decisions look at, by table. */
  readonly items: { readonly [table: string]: readonly Item[] }
  readonly stream: readonly Item[]
  readonly steps: readonly Step<State>[]
}

export interface Delivery {
  readonly id?: string
  /** The id of the message that caused it; null: it names none. Unless given, the last command that it may answer. */
  readonly causedBy?: string | null
}

/** The message that a test gives, as it comes: under an id of its own, caused by the command that it answers. */
export function messageTo<State extends object>(
  scene: Scene<State>,
  { message, body = {}, id }: Pick<TestMessage, 'message' | 'body' | 'id'>,
  { causedBy = answeredBy(scene, message) }: Delivery = {},
  nth = 0,
): Message {
  const { aggregate, sagaId, now, steps } = scene
  if (!aggregate.handles.some(({ type }) => type === message.type))
    throw new AssertionError({
      message: `${aggregate.type} does not handle ${message.type}: it handles ${aggregate.handles.map(({ type }) => type).join(', ')}`,
    })
  const count = steps.reduce((sum, { delivered }) => sum + delivered.length, 0)
  const sender = { id: id ?? `m${count + nth + 1}`, sagaId, causationId: causedBy ?? undefined, time: now }
  return asReceived(message, body, { ...sender, source: 'the test' })
}

/** Several in one batch, and what that is called. */
export const batchTo = <State extends object>(scene: Scene<State>, messages: readonly TestMessage[]) => ({
  delivered: messages.map((message, i) => messageTo(scene, message, {}, i)),
  what: messages.map(({ message }) => message.type).join(' with '),
})

const answeredBy = <State extends object>({ steps, aggregate }: Scene<State>, reply: MessageType) =>
  steps
    .flatMap(({ decision }) => decision.effects.sent)
    .findLast(({ type }) => {
      const command = aggregate.publishes.find(message => message.type === type) as Partial<Command> | undefined
      return [...(command?.done ?? []), ...(command?.refused ?? [])].some(({ type }) => type === reply.type)
    })?.id

/** What comes of messages that are delivered in one batch. A decision that throws fails the test with its own error. */
export function deliver<State extends object>(
  scene: Scene<State>,
  delivered: readonly Message[],
  { what, answer }: { readonly what: string; readonly answer?: { readonly value: unknown; readonly call: string } },
): Scene<State> {
  const { aggregate, stored, now, sagaId } = scene
  const [first] = delivered
  const decision = decideBatch<State>({
    aggregate,
    key: first ? keyOf(aggregate, first) : sagaId,
    stored,
    messages: delivered,
    now,
    read: ref => itemOf(scene, ref),
    streamAfter: alongside => streamAfter(scene, alongside),
    // Between a call and its answer nothing is acknowledged.
    ...(answer && { answer, hasUnacknowledged: true }),
  })
  for (const { fate, error } of decision.fates)
    if (fate === 'bug' && !(error instanceof PoisonMessageError)) throw error
  for (const { type, body, ...sender } of decision.effects.sent) {
    const message = aggregate.publishes.find(message => message.type === type)
    if (!message) throw new AssertionError({ message: `${aggregate.type} does not list ${type} in \`publishes\`` })
    asReceived(message, body, { ...sender, causationId: undefined, source: aggregate.type })
  }
  const alongside = decision.commit?.alongside ?? []
  return {
    ...scene,
    // As it comes back from the table.
    stored: decision.commit ? unpackItem<State>(decision.commit.stored.item) : stored,
    items: alongside.reduce(changed, scene.items),
    stream: streamAfter(scene, alongside),
    steps: [...scene.steps, { what, delivered, decision }],
  }
}

/** Time passes and nothing comes. */
export const NOTHING: BatchDecision<never> = { fates: [], taken: 0, effects: { sent: [], rows: [] } }

const streamAfter = <State extends object>({ aggregate, stream }: Scene<State>, alongside: readonly Alongside[]) =>
  aggregate.stream ? [...stream, ...appended(aggregate.stream, alongside)] : stream

const keyOf = <State extends object>(aggregate: Aggregate<State>, message: Message) =>
  aggregate.key?.(message) ?? message.sagaId

const itemOf = ({ items }: Pick<Scene<never>, 'items'>, { table, key }: Ref) =>
  items[table]?.find(item => Object.entries(key).every(([field, value]) => item[field] === value))

function changed(items: Scene<never>['items'], change: Alongside): Scene<never>['items'] {
  const { table } = change.ref
  const before = itemOf({ items }, change.ref)
  const others = (items[table] ?? []).filter(item => item !== before)
  if (change.kind === 'insert') return { ...items, [table]: [...others, change.item] }
  return before ? { ...items, [table]: [...others, added(before, change.add)] } : items
}
