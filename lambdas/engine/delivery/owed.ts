/** What the last commit caused may not be published yet when the next one is made: whether that one must not forget it. */
import type { AnyAggregate, Message } from '../model/aggregate.ts'
import { messageIdOf, type Sent, type Stored } from './stored-item.ts'

/**
 * A step's command goes out after all else that its commit caused (rule 6), so whatever its answer finds is published. Anything
 * else proves nothing: what made that commit may be on its way through the dead letters, and a stream's trigger may be lost.
 */
export function mayBeOwed(
  aggregate: Pick<AnyAggregate, 'type' | 'stream'>,
  {
    key,
    stored,
    message,
  }: { readonly key: string; readonly stored: Stored<object> | undefined; readonly message: Message },
  isCommand: (sent: Sent) => boolean,
): boolean {
  if (!stored) return false
  // A control message finds what its saga was about to do (rule 7).
  if (message.control) return true
  const commands = stored.sent.filter(isCommand)
  // Under an older version it is a retry: what is answered may have gone out before this commit.
  const isAnswer = commands.some(
    ({ version, n }) => version === stored.version && messageIdOf(aggregate, key, version, n) === message.causationId,
  )
  if (isAnswer) return false
  // An event of a stream is stored with its cause. A message from a topic need not name it, and counts as the answer then.
  return aggregate.stream?.drives !== undefined || (commands.length > 0 && message.causationId !== undefined)
}
