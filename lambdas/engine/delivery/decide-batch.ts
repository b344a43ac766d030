/**
 * What one aggregate makes of the messages that wait for it: several decisions become one commit. Pure.
 *
 * The ids that a commit handles and everything that it causes are stored with it, so that a redelivery after a crash
 * publishes the same again instead of deciding twice.
 */
import type { Message } from '../model/aggregate.ts'
import { decideMessage } from './apply-decision.ts'
import type { BatchDecision, BatchInput } from './batch-decision.ts'
import { type BatchDraft, commandsOfSteps, newDraft } from './batch-draft.ts'
import { outcomeOf } from './batch-outcome.ts'
import type { Sent } from './stored-item.ts'

export function decideBatch<State extends object>(input: BatchInput<State>): BatchDecision<State> {
  const isCommand = commandsOfSteps(input.aggregate)
  const draft = newDraft(input)
  for (const message of input.messages.slice(0, input.maxMessages)) {
    draft.taken++
    if (isDuplicate(input, draft, message, isCommand)) draft.fates.push({ message, fate: 'duplicate' })
    else if (decideMessage(input, draft, message, isCommand) === 'ends') break
  }
  return outcomeOf(input, draft, isCommand)
}

/** The stored commit handled it, or this batch has. */
function isDuplicate<State extends object>(
  { stored }: BatchInput<State>,
  draft: BatchDraft<State>,
  { id }: Message,
  isCommand: (sent: Sent) => boolean,
): boolean {
  if (!stored?.handled.includes(id)) return draft.handled.includes(id)
  draft.again.add(id)
  draft.keepsCaused = true
  // A command that is published again may be answered, and that commit forgets what is here: all of it goes first (rule 6).
  if (stored.sent.some(s => s.cause === id && isCommand(s))) draft.publishesCaused = true
  return true
}
