/**
 * What one aggregate makes of the messages that wait for it: several fold into one commit. Pure.
 *
 * The ids that a commit handles and everything that it causes are stored with it, so that a redelivery after a crash
 * says the same again instead of deciding twice.
 */
import { createHash } from 'node:crypto'
import {
  type Aggregate,
  type AnyAggregate,
  type Call,
  type Decision,
  type Message,
  PASSED_ON,
  type OutgoingMessage,
  type DecisionContext,
} from '../model/aggregate.ts'
import type { Alongside, Item, Ref } from '../model/ports.ts'
import { mergeAlongside } from './alongside.ts'
import { checked } from './check-published.ts'
import { messageIdOf, packItem, type Sent, type SentRow, type Stored } from './stored-item.ts'
import { mayBeOwed } from './owed.ts'

export interface BatchInput<State extends object> {
  readonly aggregate: Aggregate<State>
  readonly key: string
  readonly stored: Stored<State> | undefined
  /** In the order of their partition. */
  readonly message: readonly Message[]
  /** Milliseconds since 1970. */
  readonly now: number
  read(ref: Ref): Item | undefined
  /** The answer to the outside call that the first message asked for. */
  readonly answer?: { readonly value: unknown; readonly call: string }
  /** Keep what the stored commit handled and caused: it was made for messages that are not acknowledged yet. */
  readonly hasUnacknowledged?: boolean
  /** The events of the stream that its messages belong to. */
  readonly stream?: readonly Item[]
  /** How many messages at most; 1 finds the one that makes an item too large. */
  readonly maxMessages?: number
}

/** How a message fared. `again`: the last commit handled it; its effects are carried out once more. */
export type Fate = 'committed' | 'again' | 'answered' | 'ignored' | 'refused' | 'calling' | 'bug'

/** What is to be said and written, in the order that it was decided. */
export interface Effects {
  readonly sent: readonly (Sent & { readonly id: string; readonly time: number; readonly sagaId: string })[]
  readonly rows: readonly SentRow[]
}

export interface BatchDecision<State> {
  readonly fates: readonly {
    readonly message: Message
    readonly fate: Fate
    readonly why?: string
    readonly error?: unknown
    /** It tells of an effect that its saga does not count on. */
    readonly unexpected?: true
  }[]
  /** The messages after these wait: the last one has a call to make first, or failed. */
  readonly taken: number
  readonly commit?: { readonly stored: Stored<State>; readonly alongside: readonly Alongside[] }
  /** To be carried out once the commit, if any, is written. */
  readonly effects: Effects
  readonly call?: { readonly message: Message; readonly call: Call }
}

export function decideBatch<State extends object>(input: BatchInput<State>): BatchDecision<State> {
  const { aggregate, key, stored, now } = input
  const kindOf = new Map(aggregate.publishes.map(outgoingMessage => [outgoingMessage.type, outgoingMessage.kind]))
  const isCommand = (sent: Sent) => kindOf.get(sent.type) === 'command' && !aggregate.notices?.has(sent.type)
  const version = (stored?.version ?? 0) + 1

  let state = stored?.state
  let commits = 0
  let n = 0
  let keepsCaused = input.hasUnacknowledged ?? false
  let publishesCaused = false
  let leavesStep = false
  let handled: string[] = []
  /** What the fold's commits and answers say, in the order that they were decided. */
  let published: (Sent | Answer)[] = []
  let rows: SentRow[] = []
  const alongside: Alongside[] = []
  const again = new Set<string>()
  const fates: BatchDecision<State>['fates'][number][] = []
  let call: BatchDecision<State>['call']
  let taken = 0

  const [passedOn] = PASSED_ON
  const idOf = (s: Pick<Sent, 'version' | 'n' | 'cause'>) =>
    s.version === passedOn ? s.cause : messageIdOf(aggregate, key, s.version, s.n)
  let stream = input.stream ?? []
  const asSent = (published: OutgoingMessage, message: Message): Sent => {
    const number = n++
    return {
      version: published.as?.[0] ?? version,
      n: published.as?.[1] ?? number,
      type: published.message.type,
      body: published.body,
      cause: message.id,
    }
  }

  for (const message of input.message.slice(0, input.maxMessages)) {
    const answered = taken === 0 && input.answer !== undefined
    taken++
    if (stored?.handled.includes(message.id)) {
      again.add(message.id)
      keepsCaused = true
      // A command that is said again may be answered, and that commit forgets what is here: all of it goes first (rule 6).
      if (stored.sent.some(s => s.cause === message.id && isCommand(s))) publishesCaused = true
      fates.push({ message, fate: 'again' })
      continue
    }
    if (handled.includes(message.id)) {
      fates.push({ message, fate: 'again' })
      continue
    }
    const context: DecisionContext = {
      now,
      read: input.read,
      version: commits > 0 ? version : version - 1,
      next: [version, n],
      stream,
    }
    let decision: Decision<State>
    try {
      decision = checked(
        answered && aggregate.answered && state !== undefined
          ? aggregate.answered(state, message, input.answer.value, context, input.answer.call)
          : aggregate.decide(state, message, context),
      )
    } catch (error) {
      fates.push({ message, fate: 'bug', error })
      break
    }
    if (decision.kind === 'commit' && decision.call && (decision.publish?.length || decision.rows?.length)) {
      // Its id is not among the handled ones yet, so a crash would forget what it says.
      fates.push({ message, fate: 'bug', error: new Error(`${aggregate.type}: a commit that calls says nothing yet`) })
      break
    }
    const alarm = 'unexpected' in decision && decision.unexpected ? { unexpected: true as const } : {}
    if (decision.kind === 'ignore') fates.push({ message, fate: 'ignored', why: decision.why, ...alarm })
    else if (decision.kind === 'refuse') fates.push({ message, fate: 'refused', why: decision.why })
    else if (decision.kind === 'answer') {
      fates.push({ message, fate: 'answered' })
      decision.publish.forEach((answer, i) => {
        const v = commits > 0 ? version : version - 1
        published.push({
          version: v,
          n: -1,
          type: answer.message.type,
          body: answer.body,
          cause: message.id,
          id: `${aggregate.type}:${key}.${v}.${answerNumber(message.id)}-${i}`,
          time: stored?.committedAt ?? now,
          sagaId: message.sagaId,
        })
      })
    } else if (decision.kind === 'call') {
      fates.push({ message, fate: 'calling' })
      call = { message, call: decision.call }
      break
    } else {
      commits++
      state = decision.state
      if (decision.leavesStep) {
        leavesStep = true
        published = published.filter(s => !isCommand(s))
      }
      alongside.push(...(decision.alongside ?? []))
      stream = [...stream, ...appended(aggregate, decision.alongside)]
      // What may not be said yet is kept, and said as well: what follows need not wait until it is (rule 7).
      if (mayBeOwed(aggregate, { key, stored, message }, isCommand)) keepsCaused = publishesCaused = true
      published.push(...(decision.publish ?? []).map(outgoingMessage => asSent(outgoingMessage, message)))
      rows.push(...(decision.rows ?? []).map(row => ({ ...row, cause: message.id })))
      if (decision.call) {
        // Not handled yet: that is for the commit after its last call (rule 4).
        keepsCaused = true
        fates.push({ message, fate: 'calling' })
        call = { message, call: decision.call }
        break
      }
      handled.push(message.id)
      fates.push({ message, fate: 'committed', ...alarm })
    }
  }

  let sent = published.filter(s => !isAnswer(s))
  const carried = {
    sent: (stored?.sent ?? []).filter(s => !(leavesStep && isCommand(s))),
    rows: stored?.rows ?? [],
  }
  const publishedNow = new Set(sent.map(idOf))
  const isPublishedAgain = (s: Sent) =>
    !publishedNow.has(idOf(s)) && (again.has(s.cause) || (publishesCaused && !isCommand(s)))
  const writesAgain = (row: SentRow) => again.has(row.cause) || publishesCaused
  const freshRows = rows
  if (commits > 0 && keepsCaused && stored) {
    // Unless they may still be unacknowledged, ids that caused nothing that is remembered go: retries are without end.
    const causes = new Set([...carried.sent, ...carried.rows].map(({ cause }) => cause))
    const keepsAll = input.hasUnacknowledged || again.size > 0 || call !== undefined
    handled = [...stored.handled.filter(id => keepsAll || causes.has(id)), ...handled]
    sent = [...carried.sent.filter(s => !publishedNow.has(idOf(s))), ...sent]
    rows = [...carried.rows, ...rows]
  }
  const committedAt = now
  const outgoing = (s: Sent, time: number) => ({
    ...s,
    id: idOf(s),
    time,
    sagaId: aggregate.sagaIdOf?.(state as State, key) ?? key,
  })
  const effects: Effects = {
    sent: [
      ...carried.sent.filter(isPublishedAgain).map(s => outgoing(s, stored?.committedAt ?? now)),
      ...published.map(s => (isAnswer(s) ? s : outgoing(s, committedAt))),
    ],
    rows: [...carried.rows.filter(writesAgain), ...freshRows],
  }
  if (commits === 0) return { fates, taken, effects, ...(call && { call }) }

  const next = { state: state as State, version, handled, sent, rows, committedAt }
  const item = packItem(aggregate, key, next)
  return {
    fates,
    taken,
    effects,
    commit: { stored: { ...next, item }, alongside: mergeAlongside(alongside) },
    ...(call && { call }),
  }
}

/** The events among the writes alongside a commit. */
export const appended = (
  { stream }: Pick<AnyAggregate, 'stream'>,
  alongside: readonly Alongside[] = [],
): readonly Item[] =>
  alongside.flatMap(change =>
    change.kind === 'insert' && change.ref.table === stream?.table.name ? [change.item] : [],
  )

type Answer = Effects['sent'][number]
const isAnswer = (s: Sent | Answer): s is Answer => 'id' in s

/** An answer is no commit, so it has no number; its id is made of what it answers. */
const answerNumber = (id: string) => `a${createHash('sha256').update(id).digest('hex').slice(0, 8)}`
