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
  type Heard,
  PASSED_ON,
  type Said,
  type Seen,
} from '../aggregate.ts'
import type { Alongside, Item, Ref } from '../ports.ts'
import { mergeAlongside } from './alongside.ts'
import { messageIdOf, packItem, type Sent, type SentRow, type Stored } from './item.ts'
import { mayBeOwed } from './owed.ts'

export interface FoldInput<State extends object> {
  readonly aggregate: Aggregate<State>
  readonly key: string
  readonly stored: Stored<State> | undefined
  /** In the order of their partition. */
  readonly heard: readonly Heard[]
  /** Milliseconds since 1970. */
  readonly now: number
  read(ref: Ref): Item | undefined
  /** The answer to the outside call that the first message asked for. */
  readonly answer?: { readonly value: unknown }
  /** Keep what the stored commit handled and caused: it was made for messages that are not acknowledged yet. */
  readonly carry?: boolean
  /** The events of the stream that its messages belong to. */
  readonly stream?: readonly Item[]
  /** How many messages at most; 1 finds the one that makes an item too large. */
  readonly most?: number
}

/** How a message fared. `again`: the last commit handled it; its effects are carried out once more. */
export type Fate = 'committed' | 'again' | 'answered' | 'ignored' | 'refused' | 'calling' | 'bug'

/** What is to be said and written, in the order that it was decided. */
export interface Effects {
  readonly sent: readonly (Sent & { readonly id: string; readonly time: number; readonly sagaId: string })[]
  readonly rows: readonly SentRow[]
}

export interface Folded<State> {
  readonly fates: readonly {
    readonly heard: Heard
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
  readonly call?: { readonly heard: Heard; readonly call: Call }
}

export function fold<State extends object>(input: FoldInput<State>): Folded<State> {
  const { aggregate, key, stored, now } = input
  const kindOf = new Map(aggregate.says.map(message => [message.type, message.kind]))
  const isCommand = (sent: Sent) => kindOf.get(sent.type) === 'command' && !aggregate.notices?.has(sent.type)
  const version = (stored?.version ?? 0) + 1

  let state = stored?.state
  let commits = 0
  let n = 0
  let carry = input.carry ?? false
  let carriesOut = false
  let leavesStep = false
  let handled: string[] = []
  /** What the fold's commits and answers say, in the order that they were decided. */
  let said: (Sent | Answer)[] = []
  let rows: SentRow[] = []
  const alongside: Alongside[] = []
  const again = new Set<string>()
  const fates: Folded<State>['fates'][number][] = []
  let call: Folded<State>['call']
  let taken = 0

  const [passedOn] = PASSED_ON
  const idOf = (s: Pick<Sent, 'version' | 'n' | 'cause'>) =>
    s.version === passedOn ? s.cause : messageIdOf(aggregate, key, s.version, s.n)
  let stream = input.stream ?? []
  const asSent = (said: Said, heard: Heard): Sent => {
    const number = n++
    return {
      version: said.as?.[0] ?? version,
      n: said.as?.[1] ?? number,
      type: said.message.type,
      body: said.body,
      cause: heard.id,
    }
  }

  for (const heard of input.heard.slice(0, input.most)) {
    const answered = taken === 0 && input.answer !== undefined
    taken++
    if (stored?.handled.includes(heard.id)) {
      again.add(heard.id)
      carry = true
      // A command that is said again may be answered, and that commit forgets what is here: all of it goes first (rule 6).
      if (stored.sent.some(s => s.cause === heard.id && isCommand(s))) carriesOut = true
      fates.push({ heard, fate: 'again' })
      continue
    }
    if (handled.includes(heard.id)) {
      fates.push({ heard, fate: 'again' })
      continue
    }
    const seen: Seen = {
      now,
      read: input.read,
      version: commits > 0 ? version : version - 1,
      next: [version, n],
      stream,
    }
    let decision: Decision<State>
    try {
      decision =
        answered && aggregate.answered && state !== undefined
          ? aggregate.answered(state, heard, input.answer?.value, seen)
          : aggregate.decide(state, heard, seen)
    } catch (error) {
      fates.push({ heard, fate: 'bug', error })
      break
    }
    if (decision.kind === 'commit' && decision.call && (decision.send?.length || decision.rows?.length)) {
      // Its id is not among the handled ones yet, so a crash would forget what it says.
      fates.push({ heard, fate: 'bug', error: new Error(`${aggregate.type}: a commit that calls says nothing yet`) })
      break
    }
    const alarm = 'unexpected' in decision && decision.unexpected ? { unexpected: true as const } : {}
    if (decision.kind === 'ignore') fates.push({ heard, fate: 'ignored', why: decision.why, ...alarm })
    else if (decision.kind === 'refuse') fates.push({ heard, fate: 'refused', why: decision.why })
    else if (decision.kind === 'answer') {
      fates.push({ heard, fate: 'answered' })
      decision.send.forEach((answer, i) => {
        const v = commits > 0 ? version : version - 1
        said.push({
          version: v,
          n: -1,
          type: answer.message.type,
          body: answer.body,
          cause: heard.id,
          id: `${aggregate.type}:${key}.${v}.${answerNumber(heard.id)}-${i}`,
          time: stored?.committedAt ?? now,
          sagaId: heard.sagaId,
        })
      })
    } else if (decision.kind === 'call') {
      fates.push({ heard, fate: 'calling' })
      call = { heard, call: decision.call }
      break
    } else {
      commits++
      state = decision.state
      if (decision.leavesStep) {
        leavesStep = true
        said = said.filter(s => !isCommand(s))
      }
      alongside.push(...(decision.alongside ?? []))
      stream = [...stream, ...appended(aggregate, decision.alongside)]
      // What may not be said yet is kept, and said as well: what follows need not wait until it is (rule 7).
      if (mayBeOwed(aggregate, { key, stored, heard }, isCommand)) carry = carriesOut = true
      said.push(...(decision.send ?? []).map(message => asSent(message, heard)))
      rows.push(...(decision.rows ?? []).map(row => ({ ...row, cause: heard.id })))
      if (decision.call) {
        // Not handled yet: that is for the commit after its last call (rule 4).
        carry = true
        fates.push({ heard, fate: 'calling' })
        call = { heard, call: decision.call }
        break
      }
      handled.push(heard.id)
      fates.push({ heard, fate: 'committed', ...alarm })
    }
  }

  let sent = said.filter(s => !isAnswer(s))
  const carried = {
    sent: (stored?.sent ?? []).filter(s => !(leavesStep && isCommand(s))),
    rows: stored?.rows ?? [],
  }
  const saidNow = new Set(sent.map(idOf))
  const saysAgain = (s: Sent) => !saidNow.has(idOf(s)) && (again.has(s.cause) || (carriesOut && !isCommand(s)))
  const writesAgain = (row: SentRow) => again.has(row.cause) || carriesOut
  const freshRows = rows
  if (commits > 0 && carry && stored) {
    // Unless they may still be unacknowledged, ids that caused nothing that is remembered go: retries are without end.
    const causes = new Set([...carried.sent, ...carried.rows].map(({ cause }) => cause))
    const keepsAll = input.carry || again.size > 0 || call !== undefined
    handled = [...stored.handled.filter(id => keepsAll || causes.has(id)), ...handled]
    sent = [...carried.sent.filter(s => !saidNow.has(idOf(s))), ...sent]
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
      ...carried.sent.filter(saysAgain).map(s => outgoing(s, stored?.committedAt ?? now)),
      ...said.map(s => (isAnswer(s) ? s : outgoing(s, committedAt))),
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
