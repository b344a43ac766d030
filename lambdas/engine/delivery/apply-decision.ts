/** One decision of an aggregate, and what it adds to the batch's draft. */
import { createHash } from 'node:crypto'
import type { Decision, DecisionContext, Message, OutgoingMessage } from '../model/aggregate.ts'
import type { BatchInput } from './batch-decision.ts'
import type { BatchDraft } from './batch-draft.ts'
import { checked } from './check-published.ts'
import { mayBeOwed } from './owed.ts'
import type { Sent } from './stored-item.ts'

/** Decides on one message. `ends`: those after it wait for its call, or for its redelivery. */
export function decideMessage<State extends object>(
  input: BatchInput<State>,
  draft: BatchDraft<State>,
  message: Message,
  isCommand: (sent: Sent) => boolean,
): 'goes on' | 'ends' {
  const { aggregate } = input
  let decision: Decision<State>
  try {
    decision = checked(decide(input, draft, message))
  } catch (error) {
    draft.fates.push({ message, fate: 'bug', error })
    return 'ends'
  }
  if (decision.kind === 'commit' && decision.call && (decision.publish?.length || decision.rows?.length)) {
    // Its id is not among the handled ones yet, so a crash would forget what it publishes.
    const error = new Error(`${aggregate.type}: a commit that calls publishes nothing yet`)
    draft.fates.push({ message, fate: 'bug', error })
    return 'ends'
  }
  const alarm = 'unexpected' in decision && decision.unexpected ? { unexpected: true as const } : {}
  switch (decision.kind) {
    case 'ignore':
      draft.fates.push({ message, fate: 'ignored', why: decision.why, ...alarm })
      return 'goes on'
    case 'refuse':
      draft.fates.push({ message, fate: 'refused', why: decision.why })
      return 'goes on'
    case 'answer':
      applyAnswer(input, draft, { message, publish: decision.publish })
      return 'goes on'
    case 'call':
      draft.fates.push({ message, fate: 'calling' })
      draft.call = { message, call: decision.call }
      return 'ends'
    case 'commit':
      applyCommit(input, draft, { message, decision, isCommand })
      if (decision.call) {
        // Not handled yet: that is for the commit after its last call (rule 4).
        draft.keepsCaused = true
        draft.fates.push({ message, fate: 'calling' })
        draft.call = { message, call: decision.call }
        return 'ends'
      }
      draft.handled.push(message.id)
      draft.fates.push({ message, fate: 'committed', ...alarm })
      return 'goes on'
  }
}

function decide<State extends object>(
  { aggregate, now, read, answer, streamAfter }: BatchInput<State>,
  { state, commits, version, n, alongside, taken }: BatchDraft<State>,
  message: Message,
): Decision<State> {
  const context: DecisionContext = {
    now,
    read,
    version: commits > 0 ? version : version - 1,
    next: [version, n],
    stream: streamAfter?.(alongside) ?? [],
  }
  const answered = taken === 1 && answer !== undefined
  return answered && aggregate.answered && state !== undefined
    ? aggregate.answered(state, message, answer.value, context, answer.call)
    : aggregate.decide(state, message, context)
}

/** Nothing changes; the answer goes out under an id of its own. */
function applyAnswer<State extends object>(
  { aggregate, key, stored, now }: BatchInput<State>,
  { commits, version, fates, published }: BatchDraft<State>,
  { message, publish }: { readonly message: Message; readonly publish: readonly OutgoingMessage[] },
): void {
  fates.push({ message, fate: 'answered' })
  const answeredVersion = commits > 0 ? version : (stored?.stateVersion ?? version - 1)
  publish.forEach((answer, i) => {
    published.push({
      version: answeredVersion,
      n: -1,
      type: answer.message.type,
      body: answer.body,
      cause: message.id,
      id: `${aggregate.type}:${key}.${answeredVersion}.${answerNumber(message.id)}-${i}`,
      time: stored?.committedAt ?? now,
      sagaId: message.sagaId,
    })
  })
}

/** An answer is no commit, so it has no number; its id is made of what it answers. */
const answerNumber = (id: string) => `a${createHash('sha256').update(id).digest('hex').slice(0, 8)}`

function applyCommit<State extends object>(
  { aggregate, key, stored }: BatchInput<State>,
  draft: BatchDraft<State>,
  {
    message,
    decision,
    isCommand,
  }: {
    readonly message: Message
    readonly decision: Extract<Decision<State>, { kind: 'commit' }>
    readonly isCommand: (sent: Sent) => boolean
  },
): void {
  draft.commits++
  draft.state = decision.state
  if (decision.leavesStep) {
    draft.leavesStep = true
    draft.published = draft.published.filter(s => !isCommand(s))
  }
  draft.alongside.push(...(decision.alongside ?? []))
  // What may not be published yet is kept, and published as well: what follows need not wait until it is (rule 7).
  if (mayBeOwed(aggregate, { key, stored, message }, isCommand)) draft.keepsCaused = draft.publishesCaused = true
  draft.published.push(...(decision.publish ?? []).map(outgoing => asSent(outgoing, message, draft)))
  draft.rows.push(...(decision.rows ?? []).map(row => ({ ...row, cause: message.id })))
}

/** A message takes a number of its commit, even if it has a version and a number from before. */
function asSent<State>({ message, body, as }: OutgoingMessage, cause: Message, draft: BatchDraft<State>): Sent {
  const number = draft.n++
  return {
    version: as?.[0] ?? draft.version,
    n: as?.[1] ?? number,
    type: message.type,
    body,
    cause: cause.id,
  }
}
