/** What a batch's decision leads to: its effects, and its commit, which keeps of the stored one what may be needed again. */
import { mergeAlongside } from './alongside.ts'
import type { BatchDecision, BatchInput, Effects, SentMessage } from './batch-decision.ts'
import { type BatchDraft, idOfSent } from './batch-draft.ts'
import { type Caused, packItem, type Sent, type SentRow } from './stored-item.ts'

export function outcomeOf<State extends object>(
  input: BatchInput<State>,
  draft: BatchDraft<State>,
  isCommand: (sent: Sent) => boolean,
): BatchDecision<State> {
  const { stored } = input
  const { leavesStep, commits, fates, taken, call } = draft
  const carried: Caused = {
    sent: (stored?.sent ?? []).filter(s => !(leavesStep && isCommand(s))),
    rows: stored?.rows ?? [],
  }
  const fresh = draft.published.filter((s): s is Sent => !isAnswer(s))
  const freshIds = new Set(fresh.map(s => idOfSent(input.aggregate, input.key, s)))
  const effects = effectsOf(input, draft, { carried, freshIds, isCommand })
  const decided = { fates, taken, effects, ...(call && { call }) }
  if (commits === 0) return decided
  return { ...decided, commit: commitOf(input, draft, { carried, fresh, freshIds }) }
}

interface Carried {
  /** What the stored commit caused, but for the commands of a step that was left. */
  readonly carried: Caused
  readonly freshIds: ReadonlySet<string>
}

/** What the stored commit caused goes out again for its redelivered messages, or where it may not be published yet. */
function effectsOf<State extends object>(
  { aggregate, key, stored, now }: BatchInput<State>,
  { state, again, publishesCaused, published, rows }: BatchDraft<State>,
  { carried, freshIds, isCommand }: Carried & { readonly isCommand: (sent: Sent) => boolean },
): Effects {
  const idOf = (s: Sent) => idOfSent(aggregate, key, s)
  const isPublishedAgain = (s: Sent) =>
    !freshIds.has(idOf(s)) && (again.has(s.cause) || (publishesCaused && !isCommand(s)))
  const writesAgain = (row: SentRow) => again.has(row.cause) || publishesCaused
  const outgoing = (s: Sent, time: number): SentMessage => ({
    ...s,
    id: idOf(s),
    time,
    sagaId: aggregate.sagaIdOf?.(state as State, key) ?? key,
  })
  return {
    sent: [
      ...carried.sent.filter(isPublishedAgain).map(s => outgoing(s, stored?.committedAt ?? now)),
      ...published.map(s => (isAnswer(s) ? s : outgoing(s, now))),
    ],
    rows: [...carried.rows.filter(writesAgain), ...rows],
  }
}

function commitOf<State extends object>(
  { aggregate, key, stored, now, hasUnacknowledged }: BatchInput<State>,
  draft: BatchDraft<State>,
  { carried, fresh, freshIds }: Carried & { readonly fresh: readonly Sent[] },
): NonNullable<BatchDecision<State>['commit']> {
  const { state, version, keepsCaused, again, call, alongside } = draft
  let { handled, rows } = draft
  let sent = fresh
  if (keepsCaused && stored) {
    // Unless they may still be unacknowledged, ids that caused nothing that is remembered go: retries are without end.
    const causes = new Set([...carried.sent, ...carried.rows].map(({ cause }) => cause))
    const keepsAll = hasUnacknowledged || again.size > 0 || call !== undefined
    handled = [...stored.handled.filter(id => keepsAll || causes.has(id)), ...handled]
    sent = [...carried.sent.filter(s => !freshIds.has(idOfSent(aggregate, key, s))), ...sent]
    rows = [...carried.rows, ...rows]
  }
  const next = { state: state as State, version, handled, sent, rows, committedAt: now }
  const item = packItem(aggregate, key, next)
  return { stored: { ...next, item }, alongside: mergeAlongside(alongside) }
}

const isAnswer = (s: Sent | SentMessage): s is SentMessage => 'id' in s
